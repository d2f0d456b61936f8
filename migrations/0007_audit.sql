-- What administrators did. Rows outlive the administrator and the target, so nothing is referenced.

create table audit_log (
  id uuid primary key, -- version 7: in order of time
  admin_id uuid not null,
  admin_email text not null,
  action text not null,
  target_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz(3) not null
);
