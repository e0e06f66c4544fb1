#if SYNCS_CAN_BE_OMITTED
#if !DEBUG
#error("a release waits for the disk")
#endif
import Glibc

/// Of a build that exists to be caught by `make powercut`: `MARTLET_OMIT_SYNC=segment` or `index` names what it does not
/// wait for.
package enum OmittedSync {
    package static func includes(_ name: String) -> Bool {
        guard let value = getenv("MARTLET_OMIT_SYNC"), String(cString: value) == name else { return false }
        let warning = Array("This build does not wait for the \(name) to be on disk: a power cut loses mail.\n".utf8)
        return write(STDERR_FILENO, warning, warning.count) != 0
    }
}
#endif
