-- Files that users attach and models generate. The bytes are in blob storage under the row's id.

create table files (
  id uuid primary key,
  owner_id uuid not null references users on delete cascade,
  conversation_id uuid references conversations on delete cascade, -- deleted with it once attached to it
  name text not null,
  media_type text not null,
  size bigint not null,
  created_at timestamptz(3) not null
);

create index files_by_owner on files (owner_id, id); -- for lists, newest first, and for the cascade, as the next
create index files_search on files using gin (search_trigrams(owner_id, created_at, name));
alter index files_search alter column 1 set statistics 0; -- as for messages
create index files_by_conversation on files (conversation_id) where conversation_id is not null;

-- A file may be in many projects. Their members may read it; it still belongs to its owner.
create table project_files (
  project_id uuid not null references projects on delete cascade,
  file_id uuid not null references files on delete cascade,
  created_at timestamptz(3) not null,
  primary key (project_id, file_id)
);

create index project_files_by_file on project_files (file_id);

-- Blobs without a row: of deleted files, and from before an upload until its row is inserted.
create table blobs_to_delete (
  id uuid primary key,
  due_at timestamptz(3) not null default '-infinity'
);

-- A trigger, because most files are deleted by cascade: with a conversation, an arena session, a user.
create function enqueue_blob_deletion() returns trigger language plpgsql as $$
begin
  insert into blobs_to_delete (id) values (old.id) on conflict do nothing;
  return null;
end $$;

create trigger enqueue_blob_deletion after delete on files
  for each row execute function enqueue_blob_deletion();

-- Thumbnails of images, made when they are first asked for; the pixels are a blob.
create table thumbnails (
  id uuid primary key,
  file_id uuid not null unique references files on delete cascade,
  size int not null
);

create trigger enqueue_blob_deletion after delete on thumbnails
  for each row execute function enqueue_blob_deletion();

-- Links to files for people without an account. Replaced and revoked ones stay, to be answered with 410.
create table file_shares (
  token_hash bytea primary key,
  token text not null, -- encrypted, for the owner to read again
  file_id uuid not null references files on delete cascade,
  expires_at timestamptz(3), -- null for never
  max_downloads int, -- null for any number
  downloads int not null default 0,
  created_at timestamptz(3) not null,
  revoked_at timestamptz(3)
);

create unique index file_shares_by_file on file_shares (file_id) where revoked_at is null; -- one at a time
create index file_shares_of_file on file_shares (file_id); -- for the cascade

-- Generated images; the pixels are a file.
create table images (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  file_id uuid not null references files on delete cascade,
  prompt text not null,
  negative_prompt text not null,
  model_id text not null,
  is_favorite boolean not null default false,
  input_images_count int not null,
  generation_time_ms int not null,
  usage jsonb not null,
  created_at timestamptz(3) not null
);

create index images_by_user on images (user_id, created_at desc, id desc);
create index images_by_file on images (file_id); -- for the cascade
