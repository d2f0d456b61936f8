-- What administrators look people up by, and count their days by.

create extension if not exists pg_trgm;

alter table users add column language text not null default 'en';

create index users_by_creation on users (created_at desc, id desc);
create index users_email_search on users
  using gin ((upper(email collate "und-x-icu") collate "C") gin_trgm_ops);
create index users_name_search on users
  using gin ((upper(name collate "und-x-icu") collate "C") gin_trgm_ops);

-- Rows lie about in the order in which they were made, so that a summary of where which days are
-- does for reading the last of them, and costs nothing when a conversation goes on.
create index conversations_by_day on conversations using brin (created_at);
