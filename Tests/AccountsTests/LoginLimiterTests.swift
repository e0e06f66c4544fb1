import Accounts
import MailModel
import Testing

@Suite struct LoginLimiterTests {
    let start = Timestamp(seconds: 1_800_000_000)
    let owner = PeerAddress("192.0.2.7")
    let stranger = PeerAddress("203.0.113.5")

    @Test func strangerIsRefusedAndForgiven() {
        var limiter = LoginLimiter(limits: LoginLimits())
        for _ in 0..<20 {
            #expect(limiter.admit("a@example.org", from: stranger, now: start) == .proceed)
            limiter.failed("a@example.org", from: stranger, now: start)
        }
        #expect(limiter.admit("a@example.org", from: stranger, now: start) == .refuse(retryAfterSeconds: 30))
        // Whatever the name.
        #expect(limiter.admit("b@example.org", from: stranger, now: start) == .refuse(retryAfterSeconds: 30))
        #expect(limiter.admit("b@example.org", from: stranger, now: start.adding(seconds: 30)) == .proceed)
    }

    @Test func knownAddressIsNeverRefused() {
        var limiter = LoginLimiter(limits: LoginLimits())
        limiter.succeeded("a@example.org", from: owner, now: start)
        for number in 0..<1000 {
            let address = PeerAddress(bytes: [198, 51, UInt8(number / 250), UInt8(number % 250)])
            limiter.failed("a@example.org", from: address, now: start)
        }
        // Others that share the owner's address fail for other names.
        for number in 0..<100 { limiter.failed("x\(number)@example.org", from: owner, now: start) }
        #expect(limiter.admit("a@example.org", from: owner, now: start) == .proceed)
        #expect(limiter.admit("a@example.org", from: stranger, now: start) != .proceed)
        for _ in 0..<200 { limiter.failed("a@example.org", from: owner, now: start) }
        #expect(limiter.admit("a@example.org", from: owner, now: start) == .delay(seconds: 5))
        limiter.succeeded("a@example.org", from: owner, now: start)
        #expect(limiter.admit("a@example.org", from: owner, now: start) == .proceed)
    }

    @Test func addressesOfOneIPv6NetworkCountTogether() {
        var limiter = LoginLimiter(limits: LoginLimits())
        for number in 0..<20 {
            limiter.failed("a@example.org", from: PeerAddress("2001:db8:1:2::\(number + 1)"), now: start)
        }
        #expect(limiter.admit("b@example.org", from: PeerAddress("2001:db8:1:2:9::9"), now: start) != .proceed)
        #expect(limiter.admit("b@example.org", from: PeerAddress("2001:db8:1:3::1"), now: start) == .proceed)
    }

    @Test func accountIsLimitedAcrossAddresses() {
        var limiter = LoginLimiter(limits: LoginLimits())
        for number in 0..<60 {
            limiter.failed("a@example.org", from: PeerAddress(bytes: [198, 51, 100, UInt8(number)]), now: start)
        }
        #expect(limiter.admit("a@example.org", from: stranger, now: start) != .proceed)
        #expect(limiter.admit("b@example.org", from: stranger, now: start) == .proceed)
    }

    @Test func loopbackIsExemptUnlessAsked() {
        for isLimited in [false, true] {
            var limits = LoginLimits()
            limits.loopback = isLimited
            var limiter = LoginLimiter(limits: limits)
            for _ in 0..<100 {
                limiter.failed("a@example.org", from: .loopback, now: start)
                limiter.failed("a@example.org", from: nil, now: start)
            }
            #expect((limiter.admit("a@example.org", from: .loopback, now: start) == .proceed) == !isLimited)
            #expect(limiter.admit("a@example.org", from: nil, now: start) == .proceed)
        }
    }

    @Test func tablesStayAsLargeAsTheyAre() {
        var limits = LoginLimits()
        limits.tableSize = 64
        var limiter = LoginLimiter(limits: limits)
        for _ in 0..<19 { limiter.failed("a@example.org", from: stranger, now: start) }
        // A flood of others pushes out the weakest rows, not the one that is near its limit.
        for number in 0..<10_000 {
            limiter.failed(
                "u\(number)@example.org", from: PeerAddress(bytes: [10, 1, UInt8(number >> 8), UInt8(number & 255)]),
                now: start)
        }
        limiter.failed("a@example.org", from: stranger, now: start)
        #expect(limiter.admit("c@example.org", from: stranger, now: start) != .proceed)
    }

    @Test func clockThatStepsBackForgivesNothing() {
        var limiter = LoginLimiter(limits: LoginLimits())
        for _ in 0..<20 { limiter.failed("a@example.org", from: stranger, now: start) }
        #expect(limiter.admit("a@example.org", from: stranger, now: start.adding(seconds: -100_000)) != .proceed)
    }
}
