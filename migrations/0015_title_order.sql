-- Titles in the order of any script's alphabet, small letters beside capitals.

drop index conversations_by_title;
create index conversations_by_title
  on conversations (user_id, is_archived, is_pinned desc, title collate "und-x-icu", id)
  where arena_session_id is null;

drop index conversations_by_folder_title;
create index conversations_by_folder_title
  on conversations (user_id, folder_id, is_archived, is_pinned desc, title collate "und-x-icu", id)
  where folder_id is not null and arena_session_id is null;
