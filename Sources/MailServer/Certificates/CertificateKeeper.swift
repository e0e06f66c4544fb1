package import FoundationEssentials
package import Logging
import ServiceLifecycle
package import SessionIO
import Synchronization

/// Keeps the certificate in force up to date: reads it, watches its files, and lets a self-made one be renewed in time.
///
/// A reload that fails changes nothing: the server goes on with what it has, and says so in the log.
package final class CertificateKeeper: Service {
    package enum Source: Sendable {
        case files(CertificateFiles)
        case authority(CertificateAuthority)
    }

    private struct State {
        var loaded: LoadedCertificate
        /// The files as they were at the last attempt, whether it succeeded or not.
        var stamp: CertificateFiles.Stamp
        var lastWarning: String?
    }

    /// What listeners take their identity from.
    package let identities: TLSIdentitySource
    private let source: Source
    private let settings: ServerConfiguration.TLS
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let interval: Duration
    private let state: Mutex<State>

    /// Reads the certificate for the first time.
    ///
    /// - Parameters:
    ///   - interval: between two looks at the files, in ``run()``.
    ///   - now: the wall clock.
    package init(
        _ source: Source, settings: ServerConfiguration.TLS = ServerConfiguration().tls, logger: Logger,
        interval: Duration = .seconds(60), now: @escaping @Sendable () -> Date = { Date() }
    ) throws(CertificateProblem) {
        self.source = source
        self.settings = settings
        self.logger = logger
        self.interval = interval
        self.now = now
        let stamp = source.files.stamp
        let loaded = try LoadedCertificate(source.files, settings: settings)
        identities = TLSIdentitySource(loaded.identity)
        state = Mutex(State(loaded: loaded, stamp: stamp))
        warnIfExpiring()
        if let exposure = source.files.exposure { logger.warning("\(exposure)") }
    }

    /// To be called after privileges were given up: files that were read before may be out of reach now.
    package func warnIfUnreadable() {
        guard let obstacle = source.files.obstacle else { return }
        logger.warning(
            "the TLS certificate cannot be read again when it is renewed", metadata: ["cause": "\(obstacle)"])
    }

    /// The certificate in force.
    package var current: LoadedCertificate { state.withLock { $0.loaded } }

    /// Reads the files again; new handshakes use what is found. On an error everything stays as it was.
    package func reload() throws(CertificateProblem) {
        let files = source.files
        // Taken before reading: a change during the reading is seen as one by the next look.
        let stamp = files.stamp
        state.withLock { $0.stamp = stamp }
        let loaded = try LoadedCertificate(files, settings: settings)
        state.withLock { state in
            state.loaded = loaded
            identities.replace(with: loaded.identity)
        }
        logger.notice("TLS certificate loaded", metadata: ["names": "\(loaded.names.joined(separator: " "))"])
        warnIfExpiring()
    }

    /// One look: renews a self-made certificate that is near its expiry, and reloads files that have changed.
    package func check() {
        do throws(CertificateProblem) {
            if case .authority(let authority) = source { try authority.renew(at: now()) }
            let stamp = source.files.stamp
            guard state.withLock({ $0.stamp != stamp }) else { return warnIfExpiring() }
            try reload()
        } catch {
            logger.error(
                "TLS certificate kept as it was", metadata: ["reason": "\(error.message)", "remedy": "\(error.remedy)"])
        }
    }

    /// Looks again every interval until the server is shut down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.interval)) != nil { self.check() }
        }
    }

    /// Each warning is logged once.
    private func warnIfExpiring() {
        let time = now()
        let warning = state.withLock { state -> String? in
            let warning = state.loaded.warning(at: time)
            defer { state.lastWarning = warning }
            return warning == state.lastWarning ? nil : warning
        }
        if let warning { logger.warning("\(warning)") }
    }
}

extension CertificateKeeper.Source {
    fileprivate var files: CertificateFiles {
        switch self {
        case .files(let files): files
        case .authority(let authority): authority.serverFiles
        }
    }
}
