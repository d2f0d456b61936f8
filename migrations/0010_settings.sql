-- Settings that administrators change while servers run. A name without a row has its default.

create table settings (
  name text primary key,
  value jsonb not null,
  updated_at timestamptz(3) not null
);
