"""A disk that keeps only what it was made to keep: rebuilt from the journal that powercut.c writes."""
import mmap
import os
import struct

create, write, size, sync, rename, link, unlink, mkdir, rmdir, unknown, lost = range(1, 12)
head = struct.Struct("<IIQQQ")
journal_capacity = 2 << 30
sector = 512


class Journal:
    """What the preloaded library writes."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.truncate(journal_capacity)
            file.seek(0)
            file.write(struct.pack("<Q", 8))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), journal_capacity)

    def position(self):
        return struct.unpack_from("<Q", self.map)[0]

    def close(self):
        self.map.close()
        self.file.close()

    def records(self):
        at, end = 8, self.position()
        while at < end:
            length, kind, node, offset, second = head.unpack_from(self.map, at)
            yield at + length, kind, node, offset, second, self.map[at + head.size:at + length]
            at += length


class File:
    """A file's synced bytes, and the changes since: (position, offset, bytes) or (position, size, None)."""

    def __init__(self, content=b""):
        self.content, self.pending = bytearray(content), []

    @staticmethod
    def put(content, offset, data):
        if data is None:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
            return
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data

    def sync(self, began):
        for position, offset, data in self.pending:
            if position <= began:
                self.put(self.content, offset, data)
        self.pending = [change for change in self.pending if change[0] > began]

    def lose(self, generator):
        """A sync has failed: what was written since the last one is on disk in part, and nothing will write the rest."""
        self.content, self.pending = self.torn(generator), []

    def torn(self, generator):
        """The content with a part of the unsynced changes. Of each sector some version since the last sync is there, which is
        what writing back in any order at any time amounts to."""
        content = bytearray(self.content)
        share = generator.choice([0, 0, 0.1, 0.5, 0.9, 1])
        whole = generator.random() < 0.3
        for _, offset, data in self.pending:
            if data is None or whole:
                if generator.random() < share:
                    self.put(content, offset, data)
                continue
            start = 0
            while start < len(data):
                end = min(len(data), start + sector - (offset + start) % sector)
                if generator.random() < share:
                    self.put(content, offset + start, data[start:end])
                start = end
        return content


class Folder:
    """Its name is one that can be lost like any other."""


class Disk:
    """What is under `root`, a folder that was empty when the journal began."""

    def __init__(self, root, generator):
        self.root, self.generator = str(root), generator
        made = Folder()
        self.nodes, self.names, self.pending = {root.lstat().st_ino: made}, {self.root: made}, []
        # Where each was last known to a process that runs.
        self.paths = {id(made): self.root}

    def path_of(self, node):
        return self.paths.get(id(self.nodes.get(node)), "?")

    @staticmethod
    def apply(names, change):
        kind, made, first, second = change
        if kind in (create, mkdir):
            names[first] = made
        elif kind == link:
            names[second] = made
        elif kind in (unlink, rmdir):
            names.pop(first, None)
        elif kind == rename:
            names.pop(first, None)
            names[second] = made

    def record(self, position, kind, node, offset, second, data, ignored):
        if kind == unknown:
            raise RuntimeError(f"the journal cannot tell what this does: {data!r}")
        if kind == write:
            self.nodes[node].pending.append((position, offset, data))
        elif kind == size:
            self.nodes[node].pending.append((position, offset, None))
        elif kind == sync:
            if not (ignored and ignored in self.path_of(node)):
                self.synced(self.nodes.get(node), second)
        elif kind == lost:
            if isinstance(self.nodes.get(node), File):
                self.nodes[node].lose(self.generator)
        else:
            first, _, rest = data.partition(b"\0")
            self.renamed(position, kind, node, first.decode(), rest.rstrip(b"\0").decode())

    def synced(self, made, began):
        if isinstance(made, File):
            made.sync(began)
        elif isinstance(made, Folder):
            path, late = self.paths[id(made)], []
            for when, change in self.pending:
                parents = {os.path.dirname(name) for name in change[2:] if name}
                # A rename or link between two folders is taken as kept with either.
                if when <= began and path in parents:
                    self.apply(self.names, change)
                else:
                    late.append((when, change))
            self.pending = late

    def renamed(self, position, kind, node, first, second):
        if kind in (create, mkdir):
            self.nodes[node] = File() if kind == create else Folder()
            self.paths[id(self.nodes[node])] = first
        made = self.nodes.get(node)
        if made is None:
            # Not a file of ours: the socket, SQLite's shared memory.
            return
        if kind == rename:
            self.paths[id(made)] = second
        change = (kind, made, first, second)
        self.pending.append((position, change))

    def after_cut(self, target):
        """Writes the folder as a cut now may leave it."""
        names, generator = dict(self.names), self.generator
        share = generator.choice([0, 0, 0.5, 1])
        for _, change in self.pending:
            if generator.random() < share:
                self.apply(names, change)
        contents = {}
        for path in sorted(names):
            made, place = names[path], target + path[len(self.root):]
            # What is in a folder whose name is lost is lost with it.
            if path != self.root and not os.path.isdir(os.path.dirname(place)):
                continue
            if isinstance(made, Folder):
                os.makedirs(place, mode=0o700, exist_ok=True)
                continue
            if id(made) not in contents:
                contents[id(made)] = made.torn(generator)
            with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(contents[id(made)])
