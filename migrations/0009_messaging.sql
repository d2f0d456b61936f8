-- Channels, direct messages and what happened in them.

-- What happened, for those who have it on their screens: written in the transaction that changes it, so that
-- nothing committed is ever missed. `seq` grows in the order of commits, because an insert waits for the
-- transactions that inserted before it. Rows outlive what they tell of, and are deleted after a day.
create table outbox (
  seq bigint generated always as identity primary key,
  scope_id uuid, -- whose members see it; null if only `user_ids` do
  user_ids uuid[] not null default '{}', -- who sees it besides, whether or not they are members
  event jsonb not null,
  created_at timestamptz(3) not null
);
