-- Channels, direct messages and what happened in them.

-- What happened, for those who have it on their screens: written in the transaction that changes it, so that
-- nothing committed is ever missed. `seq` grows in the order of commits, because an insert waits for the
-- transactions that inserted before it. Rows outlive what they describe, and are deleted after a day.
create table outbox (
  seq bigint generated always as identity primary key,
  scope_id uuid, -- whose members see it; null if only `user_ids` do
  user_ids uuid[] not null default '{}', -- single users who see it, members or not
  event jsonb not null,
  created_at timestamptz(3) not null
);

-- Channels and direct messages, which are channels of type `direct`.
create table channels (
  id uuid primary key references scopes on delete cascade,
  type text not null check (type in ('text', 'voice', 'direct')),
  name text, -- null for a direct one
  description text,
  is_private boolean not null,
  -- Of a direct one: its users' ids in order, so that the same people have one conversation. No foreign key:
  -- the messages stay when an account is deleted.
  participant_ids uuid[] unique,
  permissions jsonb not null, -- by role
  -- How many posts there are outside of threads, and the position of the last one. They are changed with the
  -- posts, so that no page has to count.
  post_count int not null default 0,
  last_position int not null default 0,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  active_at timestamptz(3) not null -- the last post, or creation
) with (fillfactor = 70);

-- Permissions of single users that differ from their role's. They need not be members.
create table channel_overrides (
  channel_id uuid not null references channels on delete cascade,
  user_id uuid not null references users on delete cascade,
  allow text[] not null,
  deny text[] not null,
  primary key (channel_id, user_id)
);

create index channel_overrides_by_user on channel_overrides (user_id); -- for the cascade

-- Messages in channels. One without a thread is in the channel's list at `position`; a reply is in the thread of
-- another post, at the position among its replies. Positions rise from 1, and those of deleted posts are missing.
create table posts (
  id uuid primary key,
  channel_id uuid not null references channels on delete cascade,
  thread_id uuid references posts on delete cascade,
  position int not null,
  author_id uuid references users on delete set null, -- null: a deleted account, or an assistant
  assistant_id uuid references assistants on delete set null, -- the author of an answer; null: deleted, or no answer
  generation_id uuid, -- writes the answer; no foreign key: it goes with the account of who asked
  answer_state text check (answer_state in ('running', 'completed', 'stopped', 'failed', 'interrupted')), -- null: no answer
  mention_owner bigint, -- the node that looks for mentioned assistants and lets them answer; null: it has, or no @
  content text not null,
  client_id text, -- the author's own key: a message that is sent again is stored once
  reply_count int not null default 0,
  last_reply_position int not null default 0,
  created_at timestamptz(3) not null,
  edited_at timestamptz(3),
  deleted_at timestamptz(3) -- not null: a tombstone, which has replies and nothing else
);

-- The list of a channel, the thread of a post, and the cascade.
create unique index posts_by_position on posts (channel_id, thread_id, position) nulls not distinct;
create index posts_by_thread on posts (thread_id) where thread_id is not null; -- for the cascade
create unique index posts_by_client_id on posts (author_id, channel_id, client_id) where client_id is not null;
create index posts_by_generation on posts (generation_id) where generation_id is not null; -- for its readers
create index posts_by_assistant on posts (assistant_id) where assistant_id is not null; -- for the foreign key
create index posts_by_mention_owner on posts (mention_owner) where mention_owner is not null; -- read every 30 seconds
create index posts_being_answered on posts (id) where answer_state = 'running'; -- read every second
create index posts_by_author on posts (author_id) where author_id is not null; -- for the foreign key

-- The positions of deleted posts in the lists of channels, so that a page is a range of positions, and costs the
-- same wherever it is.
create table post_gaps (
  channel_id uuid not null references channels on delete cascade,
  position int not null,
  primary key (channel_id, position)
);

-- The readers of a post may read its files.
create table post_files (
  post_id uuid not null references posts on delete cascade,
  file_id uuid not null references files on delete cascade,
  position int not null,
  primary key (post_id, file_id)
);

create index post_files_by_file on post_files (file_id);

create table reactions (
  post_id uuid not null references posts on delete cascade,
  emoji text not null,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz(3) not null,
  primary key (post_id, emoji, user_id)
);

create index reactions_by_user on reactions (user_id); -- for the cascade

-- Calls in channels and direct conversations.
create table calls (
  id uuid primary key,
  channel_id uuid not null references channels on delete cascade,
  type text not null check (type in ('audio', 'video')),
  status text not null check (status in ('ringing', 'active', 'ended', 'missed')),
  caller_id uuid references users on delete set null, -- null: a deleted account
  created_at timestamptz(3) not null,
  answered_at timestamptz(3),
  ended_at timestamptz(3) -- not null: ended or missed
);

create unique index calls_in_progress on calls (channel_id) where ended_at is null; -- one in a channel
create index calls_by_channel on calls (channel_id); -- for the cascade
create index calls_by_caller on calls (caller_id) where caller_id is not null; -- for the foreign key

-- Who is in a voice room: that of a channel, which has the channel's id, or a call, which has the call's.
create table voice_participants (
  room_id uuid not null,
  channel_id uuid not null references channels on delete cascade,
  user_id uuid not null, -- no foreign key: it goes with the membership, and the others are told
  joined_at timestamptz(3) not null,
  -- When the participant counts as gone. The node that has their socket keeps moving it, until it dies.
  expires_at timestamptz(3) not null,
  primary key (room_id, user_id)
) with (fillfactor = 70);

create index voice_participants_by_channel on voice_participants (channel_id, user_id);

-- Up to where users have read the lists of channels. No foreign key to the post: the position stays when it is deleted.
create table read_markers (
  user_id uuid not null references users on delete cascade,
  channel_id uuid not null references channels on delete cascade,
  post_id uuid not null,
  position int not null,
  read_at timestamptz(3) not null,
  primary key (user_id, channel_id)
);

create index read_markers_by_channel on read_markers (channel_id); -- for the cascade

-- The largest number that was deleted from the outbox: who asks for what comes after a smaller one has missed
-- something.
create table outbox_horizon (
  single boolean primary key default true check (single),
  seq bigint not null
);

-- Presence. Nothing in here says that somebody is offline: connections count while they are open and their node
-- renews its lease, and for 30 seconds after they closed. So a node that dies leaves nobody behind.
create table presence_leases (
  node_id bigint primary key,
  renewed_at timestamptz(3) not null
);

-- Which users are connected to which nodes.
create table presence_connections (
  user_id uuid not null references users on delete cascade,
  node_id bigint not null,
  disconnected_at timestamptz(3), -- when the last connection there closed; null while there is one
  primary key (user_id, node_id)
);

-- What connected users have set, until they are offline, and when others last saw them.
create table presences (
  user_id uuid primary key references users on delete cascade,
  status text not null check (status in ('online', 'away', 'busy', 'invisible')),
  status_text text,
  last_seen_at timestamptz(3)
);
