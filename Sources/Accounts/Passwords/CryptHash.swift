import Glibc

/// Hashes that other systems' password files hold, checked by the system's crypt(3): bcrypt, SHA-256 and SHA-512 crypt,
/// yescrypt. Found at run time; without the library, such a password fits nothing.
enum CryptHash {
    /// Larger than `struct crypt_data` of any libcrypt (131,232 bytes in the old one of the C library).
    private static let workspace = 160 * 1024

    private typealias Function =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?
        ) -> UnsafeMutablePointer<CChar>?

    private static let function: Function? = {
        guard let library = dlopen("libcrypt.so.1", RTLD_NOW), let symbol = dlsym(library, "crypt_r") else {
            return nil
        }
        return unsafeBitCast(symbol, to: Function.self)
    }()

    static var isAvailable: Bool { function != nil }

    /// Whether `text` is a kind we check, at a cost that one login may have.
    static func isAcceptable(_ text: String) -> Bool {
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) else {
            return false
        }
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count >= 4, fields[0].isEmpty else { return false }
        switch fields[1] {
        case "2a", "2b", "2y":
            guard let cost = Int(fields[2]) else { return false }
            return (4...14).contains(cost) && fields.count == 4 && fields[3].utf8.count == 53
        case "5", "6":
            guard fields[2].hasPrefix("rounds=") else { return true }
            return Int(fields[2].dropFirst(7)).map { (1000...1_000_000).contains($0) } ?? false
        case "y":
            return fields.count == 5
        default:
            return false
        }
    }

    static func matches(_ password: String, _ text: String) -> Bool {
        guard let function, isAcceptable(text), !password.utf8.contains(0) else { return false }
        let data = UnsafeMutableRawPointer.allocate(byteCount: workspace, alignment: 16)
        defer { data.deallocate() }
        memset(data, 0, workspace)
        guard let result = function(password, text, data) else { return false }
        return ConstantTime.equal(Array(String(cString: result).utf8), Array(text.utf8))
    }
}

/// Comparison that takes the same time wherever the first difference is.
enum ConstantTime {
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
