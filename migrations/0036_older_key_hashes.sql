-- A rotation whose answer was lost, and its repetition, must not cost the secret that a program still uses.

-- Older programs may go on.

-- Those before the one before, the newest first: [{"hash": …, "until": …}].
alter table api_keys add column older_hashes text not null default '[]' check (json_valid(older_hashes));
