-- The same prompts to several assistants side by side. Each of them answers in a lane: a conversation
-- that is part of its session, and nowhere else to be seen.

create table arena_sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  title text not null,
  is_titled boolean not null, -- not, until the first prompt gives the title
  assistant_ids uuid[] not null, -- by lane; they stay when an assistant goes
  repeated_prompts int not null default 0, -- of its lanes' messages, those that are one prompt again
  created_at timestamptz(3) not null,
  active_at timestamptz(3) not null -- when it was made, or last written to
);

create index arena_sessions_by_user on arena_sessions (user_id, active_at desc, id desc);

alter table conversations
  add column arena_session_id uuid references arena_sessions on delete cascade,
  add column lane smallint,
  add check ((arena_session_id is null) = (lane is null));

create unique index conversations_by_lane on conversations (arena_session_id, lane)
  where arena_session_id is not null;

-- Lanes are in no list, so they are not in what lists are read from.
drop index conversations_empty;
drop index conversations_by_activity;
drop index conversations_by_creation;
drop index conversations_by_title;
drop index conversations_by_length;

create index conversations_empty on conversations (user_id, created_at)
  where message_count = 0 and arena_session_id is null;
create index conversations_by_activity on conversations (user_id, is_archived, is_pinned desc, active_at desc, id desc)
  where arena_session_id is null;
create index conversations_by_creation on conversations (user_id, is_archived, is_pinned desc, created_at desc, id desc)
  where arena_session_id is null;
create index conversations_by_title on conversations (user_id, is_archived, is_pinned desc, title, id)
  where arena_session_id is null;
create index conversations_by_length on conversations (user_id, is_archived, is_pinned desc, message_count desc, id desc)
  where arena_session_id is null;

-- Nor do they count as conversations.
drop trigger conversations_counted on conversations;
create trigger conversations_counted after insert on conversations
  for each row when (new.arena_session_id is null) execute function count_conversations();
create trigger conversations_uncounted after delete on conversations
  for each row when (old.arena_session_id is null) execute function count_conversations();
