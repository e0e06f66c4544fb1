import Dispatch
import Foundation

/// The signals that a server obeys. To be made before anybody is told that the server is ready: a SIGTERM right after that
/// must find it listening.
struct ProcessSignals {
    /// Each signal as it comes: SIGTERM, SIGINT or SIGHUP.
    let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, signalled) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { signalled.yield(number) }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
