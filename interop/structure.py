"""Reads the parenthesised lists of IMAP's BODYSTRUCTURE (RFC 3501 section 7.4.2)."""


def parse(data, start=0):
    """A list, string, None or number from `data` at `start`; returns it and where it ends."""
    byte = data[start:start + 1]
    if byte == b"(":
        items, position = [], start + 1
        while data[position:position + 1] != b")":
            if data[position:position + 1] == b" ":
                position += 1
                continue
            item, position = parse(data, position)
            items.append(item)
        return items, position + 1
    if byte == b'"':
        text, position = bytearray(), start + 1
        while data[position:position + 1] != b'"':
            if data[position:position + 1] == b"\\":
                position += 1
            text += data[position:position + 1]
            position += 1
        return bytes(text), position + 1
    if byte in (b"{", b"~"):
        end = data.index(b"}", start)
        length = int(data[data.index(b"{", start) + 1:end])
        begin = end + 3
        return data[begin:begin + length], begin + length
    end = start
    while end < len(data) and data[end:end + 1] not in b" ()":
        end += 1
    atom = data[start:end]
    return (None if atom.upper() == b"NIL" else int(atom) if atom.isdigit() else atom), end


def summary(body):
    """Type, size and lines of each part, as `check mime --json` has them."""
    if isinstance(body[0], list):
        parts = []
        for item in body:
            if not isinstance(item, list):
                break
            parts.append(summary(item))
        subtype = body[len(parts)].decode().lower()
        return {"type": "multipart/" + subtype, "parts": parts}
    kind = f"{body[0].decode()}/{body[1].decode()}".lower()
    found = {"type": kind, "size": body[6], "parts": []}
    if kind in ("message/rfc822", "message/global") and len(body) > 9 and isinstance(body[8], list):
        found["parts"] = [summary(body[8])]
        found["lines"] = body[9]
    elif kind.startswith("text/"):
        found["lines"] = body[7]
    return found
