import Logging
import MailStore

/// What is looked at before SQLite opens the log of a database that nobody has open. It would take back, without a word,
/// everything behind a damaged frame.
struct WriteAheadLogOpening {
    /// Something to say of the log.
    struct Finding: Hashable {
        let text: String
        /// Whether nothing is lost by it.
        let isCorrected: Bool

        func log() { Logger(label: "store").log(level: isCorrected ? .warning : .critical, "\(text)") }
    }

    let database: String

    /// A wrong bit is put right; more cannot be, and is told.
    func inspect() throws(SQLError) -> [Finding] {
        var findings: [Finding] = []
        // Each round corrects a frame; a log with more damage than this is not saved by it.
        for _ in 0..<16 {
            guard let log = try WriteAheadLog(ofDatabase: database, writes: true) else { return findings }
            guard log.isSound else {
                if let bit = log.wrongBitOfHeader() {
                    try log.correctHeader(bit)
                    findings.append(corrected("the header", log))
                    continue
                }
                if log.room > 0, log.committed(from: 1).commits > 0 {
                    findings.append(
                        Finding(
                            text: lost("the header of \(log.path) is not as it was written", nil), isCorrected: false))
                }
                return findings
            }
            var sum = WriteAheadLog.Checksum()
            guard let frame = log.firstUnsound(limit: log.room, sum: &sum) else { return findings }
            let isLeftover = !mayBeOurs(frame, log)
            let behind = log.committed(from: frame)
            if isLeftover, behind.commits == 0 { return findings }
            if let bit = log.wrongBit(of: frame) {
                try log.correct(bit, of: frame)
                findings.append(corrected("frame \(frame)", log))
                continue
            }
            if behind.commits > 0 {
                findings.append(
                    Finding(
                        text: lost("frame \(frame) of \(log.path) is not as it was written", behind),
                        isCorrected: false))
            }
            return findings
        }
        return findings
    }

    /// Whether the frame was written under this log's header, perhaps with a few wrong bits since; frames of the former use of
    /// the file have other salts.
    private func mayBeOurs(_ frame: WriteAheadLog.FrameNumber, _ log: borrowing WriteAheadLog) -> Bool {
        guard let header = log.header(frame) else { return false }
        var wrong = 0
        for (one, other) in zip(header.salt, log.salt) { wrong += (one ^ other).nonzeroBitCount }
        return wrong <= 2
    }

    private func corrected(_ what: String, _ log: borrowing WriteAheadLog) -> Finding {
        Finding(text: "one bit of \(what) of \(log.path) was wrong, and has been corrected", isCorrected: true)
    }

    private func lost(_ what: String, _ behind: (frames: Int, commits: Int)?) -> String {
        let extent = behind.map { " (\($0.frames) pages in \($0.commits) transactions)" } ?? ""
        return
            "\(what), and what follows it\(extent) was taken back: either a power cut or a refusing disk ended a change"
            + " that was not acknowledged, or the log is damaged, and what was acknowledged last may be missing from the"
            + " index; `martlet salvage` looks for such messages in the segments"
    }
}
