import Foundation
import Testing

/// The program as a process: what others on the machine can see of it, and what becomes of root.
@Suite(.serialized) struct ProgramTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "program-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private static let freePorts = [
        "smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "http", "https",
    ]
    .flatMap { ["--set", "listen.\($0)=0"] }

    /// Path and mode of everything in a folder, the folder included.
    private static func modes(_ folder: String) throws -> [(path: String, mode: Int, owner: Int)] {
        let names = [""] + (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
        return try names.map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            return (name, mode, (attributes[.ownerAccountID] as? NSNumber)?.intValue ?? -1)
        }
    }

    @Test func nobodyElseSeesPasswordsOrFiles() throws {
        try Self.withFolder { folder in
            let password = "hunter2-\(UInt32.random(in: 0...UInt32.max))"
            let former = umask(0)
            defer { umask(former) }
            let demo = try Program(
                ["demo", "--json", "--directory", folder, "--password", password] + Self.freePorts)
            #expect(demo.line().contains("\"password\":\"\(password)\""))
            // The arguments are still there, but for the one.
            #expect(demo.about("cmdline").contains("--password ****") && demo.about("cmdline").contains(folder))
            #expect(!demo.about("cmdline").contains(password) && !demo.about("environ").contains(password))
            #expect(demo.about("limits").contains(#/Max core file size +0 /#))
            #expect(demo.about("status").contains("NoNewPrivs:\t1"))
            let set = try Program.run(
                ["account", "set", "alice@example.test", "--password-stdin", "--directory", folder],
                input: "changed-\(password)\n")
            #expect(set.status == 0, "\(set.output)")
            #expect(!set.output.contains(password))
            for (path, mode, _) in try Self.modes(folder) {
                #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
            }
            #expect(try Self.modes(folder).contains { $0.path == "admin.sock" && $0.mode == 0o600 })
            #expect(demo.finish(signal: SIGTERM) == 0)
            for (path, mode, _) in try Self.modes(folder) {
                #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
            }
            #expect(!demo.log.contains(password))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func rootBecomesAnotherUserOnceThePortsAreBound() throws {
        try Self.withFolder { folder in
            let (parent, data) = (folder, folder + "/data/folder")
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            let tls = try Self.certificate(parent)
            let manager = try NotificationSocket(parent + "/notify")
            let user = try #require(getpwnam("nobody")).pointee
            let port = try #require(Self.freePrivilegedPort())
            var server = try Program(
                ["serve", "--directory", data, "--set", "server.user=nobody"] + Self.freePorts
                    + ["--set", "listen.imap=127.0.0.1:\(port)"] + tls,
                environment: ["NOTIFY_SOCKET": manager.path])
            #expect(manager.next() == "READY=1", "\(server.log)")
            for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.number)/task") {
                #expect(server.about("task/\(thread)/status").contains("Uid:\t\(user.pw_uid)\t\(user.pw_uid)\t"))
            }
            let status = server.about("status")
            #expect(status.hasPrefix("Name:\tmartlet\n"))
            for name in ["Uid", "Gid"] {
                let id = name == "Uid" ? user.pw_uid : user.pw_gid
                #expect(status.contains("\(name):\t\(id)\t\(id)\t\(id)\t\(id)"), "\(status)")
            }
            #expect(status.contains("Groups:\t\(user.pw_gid) \n") && status.contains(#/CapEff:\t0+\n/#))
            #expect(
                server.log.contains(#/cannot be read again when it is renewed.*nobody may not read .*key.pem/#),
                "\(server.log)")
            #expect(server.log.contains(#/listening.*imaps/#) && server.log.contains(":\(port)"))
            for (path, mode, owner) in try Self.modes(data) {
                #expect(mode & 0o077 == 0 && owner == Int(user.pw_uid), "\(path): mode \(mode), owner \(owner)")
            }
            // Root asks, and works on the files as their owner where no server runs.
            let commands = ["domain", "add", "example.test", "--directory", data]
            #expect(try Program.run(commands).status == 0)
            kill(server.number, SIGHUP)
            #expect(manager.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
            #expect(manager.next() == "READY=1")
            #expect(server.log.contains("nobody may not read"), "\(server.log)")
            #expect(server.finish(signal: SIGTERM) == 0)
            #expect(manager.next() == "STOPPING=1")
            #expect(try Program.run(["domain", "add", "two.test", "--directory", data]).status == 0)
            for (path, mode, owner) in try Self.modes(data) {
                #expect(mode & 0o077 == 0 && owner == Int(user.pw_uid), "\(path): mode \(mode), owner \(owner)")
            }
            // Without a setting, the folder's owner.
            server = try Program(
                ["serve", "--directory", data] + Self.freePorts, environment: ["NOTIFY_SOCKET": manager.path])
            #expect(manager.next() == "READY=1", "\(server.log)")
            #expect(server.about("status").contains("Uid:\t\(user.pw_uid)\t"))
            #expect(server.finish(signal: SIGTERM) == 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
    func aFolderOfSomebodyElseIsRefused() throws {
        try Self.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            chown(folder, 12345, 12345)
            let server = try Program(["serve", "--directory", folder, "--set", "server.user=nobody"] + Self.freePorts)
            #expect(server.finish() == 1)
            #expect(server.log.contains("belongs to 12345") && server.log.contains("chown -R nobody: \(folder)"))
        }
    }

    /// Registers are not shown: a Swift string of up to 15 bytes lives in them.
    @Test func aCrashShowsNothingOfTheMemory() throws {
        try Self.withFolder { folder in
            let demo = try Program(
                ["demo", "--json", "--directory", folder, "--password", "hunter2-hunter2"] + Self.freePorts,
                environment: ["SWIFT_BACKTRACE": "enable=yes,threads=crashed,limit=4,symbolicate=off"])
            #expect(!demo.line().isEmpty)
            kill(demo.number, SIGSEGV)
            // After the report the instruction at fault would be tried again; here there is none.
            let limit = Date() + 120
            while demo.isRunning, !demo.log.contains("Backtrace took"), Date() < limit { usleep(10_000) }
            demo.finish(signal: SIGKILL)
            #expect(!demo.isRunning && Date() < limit)
            #expect(!demo.log.contains("Registers") && !demo.log.contains("hunter2"), "\(demo.log)")
        }
    }

    @Test func aTakenPortIsSaidBeforeAnythingIsMade() throws {
        try Self.withFolder { folder in
            let first = try Program(["demo", "--json", "--directory", folder + "1"] + Self.freePorts)
            defer { try? FileManager.default.removeItem(atPath: folder + "1") }
            let port = try #require(first.line().firstMatch(of: #/"imap":(\d+)/#)).1
            let second = try Program(
                ["demo", "--directory", folder] + Self.freePorts + ["--set", "listen.imap=\(port)"])
            #expect(second.finish() == 1)
            #expect(second.log.contains("port \(port) for imap is taken"), "\(second.log)")
            #expect(!FileManager.default.fileExists(atPath: folder))
            first.finish(signal: SIGTERM)
        }
    }

    @Test func aKeyForEverybodyAndAnOpenFolderAreWarnedAbout() throws {
        try Self.withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            let tls = try Self.certificate(folder)
            chmod(folder + "/key.pem", 0o644)
            let demo = try Program(["demo", "--json", "--directory", folder] + Self.freePorts + tls)
            _ = demo.line()
            #expect(demo.log.contains("everybody on this machine may use the private key \(folder)/key.pem"))
            #expect(demo.log.contains("may enter the data folder \(folder); `chmod 700 \(folder)`"))
            demo.finish(signal: SIGTERM)
        }
    }

    /// A certificate and a key that only root may read, and the settings that name them.
    private static func certificate(_ folder: String) throws -> [String] {
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
            + ["-subj", "/CN=mail.example.test", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem"]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        chmod(folder + "/key.pem", 0o600)
        return ["--set", "tls.certificate=\(folder)/cert.pem", "--set", "tls.key=\(folder)/key.pem"]
    }

    private static func freePrivilegedPort() -> Int? {
        (600..<1000).shuffled().first { port in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }
}

/// A service manager's end: what a service tells it.
final class NotificationSocket {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        try #require(isBound)
        chmod(path, 0o666)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The next message; empty if none comes within a minute.
    func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
