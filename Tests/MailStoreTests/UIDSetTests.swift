import MailStore
import Testing

@Suite struct UIDSetTests {
    @Test func rangesAreSortedAndJoined() {
        let set = UIDSet([5...9, 1...2, 3...3, 7...20, 30...UInt32.max])
        #expect(set.ranges == [1...3, 5...20, 30...UInt32.max])
        #expect(set.contains(20))
        #expect(!set.contains(21))
        #expect(set.contains(.max))
        #expect(UIDSet(uids: [3, 1, 2, 2]).ranges == [1...3])
        #expect(UIDSet().isEmpty)
    }
}
