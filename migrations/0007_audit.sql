-- What administrators did. Rows outlive the administrator and the target, so nothing is referenced.

-- Each entry's hash covers its content and the hash of the entry before it: an entry that is altered or removed
-- later breaks the chain, which `parley audit verify` reports.
create table audit_log (
  seq bigint generated always as identity primary key, -- the order of the chain
  id uuid not null unique,
  admin_id uuid not null,
  admin_email text not null,
  action text not null,
  target_id text not null,
  details jsonb not null default '{}',
  ip text, -- null for what no request caused
  created_at timestamptz(3) not null,
  previous_hash bytea not null, -- empty for the first entry
  hash bytea not null
);
