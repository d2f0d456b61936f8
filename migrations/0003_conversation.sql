-- Conversations, their messages, and the runs that write the answers.

create table conversations (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  title text not null,
  message_count int not null default 0,
  last_message_id uuid,
  last_message_at timestamptz(3),
  created_at timestamptz(3) not null
);

create index conversations_by_user on conversations (user_id, created_at desc, id desc);
create index conversations_empty on conversations (user_id, created_at) where message_count = 0;

-- Positions run from 0 without a gap, and times rise with them, so that a page is a range of
-- positions and its cost does not depend on how far in it lies.
create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations on delete cascade,
  position int not null,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  created_at timestamptz(3) not null,
  constraint messages_position unique (conversation_id, position) deferrable initially immediate
);

create index messages_by_time on messages (conversation_id, created_at);

create table generations (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  conversation_id uuid not null references conversations on delete cascade,
  prompt_id uuid not null references messages on delete cascade,
  answer_id uuid references messages on delete cascade, -- null: withdrawn, it said nothing,
  model text not null,
  state text not null default 'running'
    check (state in ('running', 'completed', 'stopped', 'failed', 'interrupted')),
  owner bigint not null, -- the advisory lock that the node writing the answer holds
  stop_requested_at timestamptz(3),
  started_at timestamptz(3) not null,
  ended_at timestamptz(3)
);

create index generations_by_conversation on generations (conversation_id, started_at desc);
create index generations_by_user on generations (user_id);
create index generations_by_prompt on generations (prompt_id);
create index generations_by_answer on generations (answer_id);
create index generations_running on generations (owner) where state = 'running';
create index generations_ended on generations (ended_at) where ended_at is not null;

-- The log of a run: batches of events, each batch under the number of its first event.
create table generation_log (
  generation_id uuid not null references generations on delete cascade,
  first_seq int not null,
  events json not null,
  primary key (generation_id, first_seq)
);
