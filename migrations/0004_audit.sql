-- What administrators did. Outlives whom it was done to, and who did it.

create table audit_log (
  id uuid primary key, -- version 7: in the order of what happened
  admin_id uuid not null,
  admin_email text not null,
  action text not null,
  target_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz(3) not null
);

create index audit_log_by_action on audit_log (action, id desc);
