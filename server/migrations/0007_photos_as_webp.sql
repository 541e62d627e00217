-- Lighter forms are WebP from now on; those made as JPEG are made again when they are asked for.

update photos set small = null, card = null;
