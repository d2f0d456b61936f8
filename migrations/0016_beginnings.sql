-- What is left out of the beginning of an answer, for whose first word somebody is waiting.

-- Whose a message is, and whose run in which conversation, follows from what they belong to: a message
-- goes with its conversation and a run with its prompt. It is said again for lists, and not checked again.
alter table messages drop constraint messages_user_id_fkey;
alter table generations
  drop constraint generations_user_id_fkey,
  drop constraint generations_conversation_id_fkey;
drop index generations_by_user;

-- An answer is found by its words when it is written; a prompt, too, goes into that index a little later.
alter table messages rename column is_written to is_searchable;
