import ContentStore
import Foundation
import Synchronization
import Testing

@Suite struct FreeSpaceTests {
    @Test func theDiskIsAskedOnceASecondOrWhenItIsShort() throws {
        let free = Mutex<Int64>(1000)
        let seconds = Mutex<Int64>(1)
        let asked = Mutex(0)
        var files = FileOperations()
        files.freeSpace = { _ in
            asked.withLock { $0 += 1 }
            return free.withLock { $0 }
        }
        let space = FreeSpace(path: "/", minimum: 50, files: files) { seconds.withLock { $0 } }
        for _ in 0..<9 { try space.check(for: 100) }
        #expect(asked.withLock { $0 } == 1)
        // Nine hundred were let in within this second: the tenth asks again.
        free.withLock { $0 = 100 }
        let refusal = #expect(throws: ContentError.self) { try space.check(for: 100) }
        #expect(refusal?.isFull == true)
        #expect(asked.withLock { $0 } == 2)
        try space.check(for: 50)
        free.withLock { $0 = 1000 }
        try space.check(for: 51)
        #expect(asked.withLock { $0 } == 3)
        seconds.withLock { $0 += 1 }
        try space.check(for: 0)
        #expect(asked.withLock { $0 } == 4)
    }

    @Test func nothingIsAskedWithoutAMinimum() throws {
        var files = FileOperations()
        files.freeSpace = { _ in
            Issue.record("asked")
            return 0
        }
        try FreeSpace(path: "/", minimum: 0, files: files).check(for: 1 << 40)
    }

    @Test func theSystemAnswers() throws {
        #expect(try #require(FileOperations().freeSpace(NSTemporaryDirectory())) > 0)
        #expect(FileOperations().freeSpace("/nowhere/at/all") == nil)
    }
}
