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
