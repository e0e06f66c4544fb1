"""Messages made to cost as much as they can, each from little."""

megabyte = 1 << 20


def head(subject):
    return f"From: mallory@elsewhere.test\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n".encode()


def nested(depth):
    """Multiparts in multiparts."""
    lines = [head("nested")]
    for level in range(depth):
        lines.append(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level))
    lines.append(b"Content-Type: text/plain\r\n\r\nthe innermost\r\n")
    lines += [b"--b%d--\r\n" % level for level in reversed(range(depth))]
    return b"".join(lines)


def nested_messages(depth):
    """Messages in messages."""
    return head("messages") + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: innermost\r\n\r\ntext\r\n"


def siblings(count):
    return (head("siblings") + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n\r\n" * count + b"--x--\r\n")


def same_boundary(depth):
    """Each part opens a multipart with the boundary of all others."""
    return head("boundaries") + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * depth + b"--x--\r\n" * depth


def parameters(count):
    """RFC 2231 continuations, the last one first."""
    return (head("parameters") + b"Content-Type: text/plain"
            + b"".join(b";\r\n n*%d*=%%41%%42" % number for number in reversed(range(count))) + b"\r\n\r\ntext\r\n")


def references(count):
    return head("references") + b"References:" + b"".join(b"\r\n <%d@elsewhere.test>" % number for number in range(count)) + b"\r\n\r\ntext\r\n"


def addresses(count):
    return head("addresses") + b"To: " + b",\r\n ".join(b"N%d <n%d@elsewhere.test>" % (n, n) for n in range(count)) + b"\r\n\r\ntext\r\n"


def groups(depth):
    """Comments in comments, quoted pairs, groups."""
    return head("comments") + b"To: g:" + b"(" * depth + b")" * depth + b"a@b, " * depth + b";\r\nCc: \"" + b"\\\"" * depth + b"\" <a@b>\r\n\r\ntext\r\n"


def encoded_words(count):
    return (b"Subject: " + b"\r\n ".join(b"=?iso-2022-jp?B?GyRCJCIbKEI=?= =?utf-8?Q?=C3=A9?=" for _ in range(count))
            + b"\r\n" + head("x")[:30] + b"\r\n\r\ntext\r\n")


def markup(size):
    """HTML that is all opening tags and entities."""
    return head("markup") + b"Content-Type: text/html; charset=utf-7\r\n\r\n" + b"<a b='&lt;<!--&#1114111;\r\n" * (size // 25)


def large_header(size):
    """As much as is kept of each field that a summary tells, many times."""
    fields = b"".join(
        name + b": " + b",\r\n ".join(b"N%d <n%d@elsewhere.test>" % (n, n) for n in range(size // 8 // 32)) + b"\r\n"
        for name in (b"To", b"Cc", b"Bcc", b"Reply-To", b"Sender", b"From"))
    return fields + b"References:" + b"\r\n <%060d@x>" * 0 + b"".join(b"\r\n <%d@elsewhere.test>" % n for n in range(size // 8 // 24)) + b"\r\n\r\ntext\r\n"


def zeros(size):
    """A large text that compresses to nearly nothing: a search has to decompress, decode and fold it."""
    return (head("zeros") + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + (b"=C3=A4" * 12 + b"=\r\n") * (size // 75))


def all_of(short):
    """Name and bytes of each; `short` ones are a fiftieth of those that grow."""
    part = 50 if short else 1
    yield "nested", nested(10_000)
    yield "messages", nested_messages(10_000)
    yield "siblings", siblings(1_000_000 // part)
    yield "boundaries", same_boundary(10_000)
    yield "parameters", parameters(100_000 // part)
    yield "references", references(1_000_000 // part)
    yield "addresses", addresses(100_000 // part)
    yield "comments", groups(100_000 // part)
    yield "words", encoded_words(100_000 // part)
    yield "markup", markup(10 * megabyte // part)
    yield "header", large_header(4 * megabyte // part)
