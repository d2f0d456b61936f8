-- Pictures that models drew; what they show is in the files.

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
create index images_favorites on images (user_id, created_at desc, id desc) where is_favorite;
create index images_by_file on images (file_id);
