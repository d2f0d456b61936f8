-- What users keep beside their conversations.

create table goals (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  title text not null,
  description text,
  status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed')),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create index goals_by_user on goals (user_id, id desc);

-- What users tell the administrators.
create table feedback (
  id uuid primary key, -- version 7: in order of time
  user_id uuid references users on delete set null,
  type text not null,
  content text not null,
  created_at timestamptz(3) not null
);

create index feedback_by_user on feedback (user_id); -- for the foreign key

-- Texts in a user's library.
create table documents (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  title text not null,
  content text not null,
  type text not null,
  tags text[] not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create index documents_by_user on documents (user_id, updated_at desc, id desc);

-- The trigrams of a document's title and content.
create function document_trigrams(owner uuid, at timestamptz, title text, content text) returns tsvector
language sql immutable parallel safe cost 200
return search_trigrams(owner, at, title || e'\n' || content);

create index documents_search on documents
  using gin (document_trigrams(user_id, created_at, title, content));
alter index documents_search alter column 1 set statistics 0; -- as for messages

create table collections (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  icon text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create index collections_by_user on collections (user_id);

create table collection_documents (
  collection_id uuid not null references collections on delete cascade,
  document_id uuid not null references documents on delete cascade,
  created_at timestamptz(3) not null,
  primary key (collection_id, document_id)
);

create index collection_documents_by_document on collection_documents (document_id); -- for the cascade
