-- What people attach and what models draw: a row here, its bytes in the blob store under the row's id.

create table files (
  id uuid primary key,
  owner_id uuid not null references users on delete cascade,
  conversation_id uuid references conversations on delete cascade, -- it goes with that, if it came with it
  name text not null,
  media_type text not null,
  size bigint not null,
  created_at timestamptz(3) not null
);

create index files_by_owner on files (owner_id);
create index files_by_conversation on files (conversation_id) where conversation_id is not null;

-- Whatever deletes a row, its bytes are deleted soon after, and not before.
create table blobs_to_delete (id uuid primary key);

create function note_deleted_blob() returns trigger language plpgsql as $$
begin
  insert into blobs_to_delete (id) values (old.id) on conflict do nothing;
  return null;
end $$;

create trigger files_deleted after delete on files for each row execute function note_deleted_blob();
