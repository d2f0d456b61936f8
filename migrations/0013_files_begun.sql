-- Bytes are announced before they are written, so that those whose row never came are found.

alter table blobs_to_delete add column due_at timestamptz(3) not null default '-infinity';
