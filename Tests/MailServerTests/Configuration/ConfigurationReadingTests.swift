import HTTPEndpoint
import Logging
import MailServer
import Testing

@Suite struct ConfigurationReadingTests {
    @Test func nothingSaidMeansTheDefaults() throws {
        #expect(try ServerConfiguration.read() == ServerConfiguration())
        #expect(try ServerConfiguration.read(yaml: "") == ServerConfiguration())
        #expect(try ServerConfiguration.read(yaml: "# only this\n") == ServerConfiguration())
        #expect(try ServerConfiguration.read(yaml: "smtp:\n  # timeout: 5m\n") == ServerConfiguration())
    }

    @Test func everyKindOfValueIsRead() throws {
        let configuration = try ServerConfiguration.read(
            yaml: """
                server:
                  name: mail.example.org
                  postmaster: root@example.org
                listen: {address: 192.0.2.1, pop3: off, smtp: "[::1]:2525", imap: 1430}
                tls.minimumVersion: 1.3
                auth.plaintext: yes
                smtp:
                  maximumSize: 64MiB
                  timeout: 1m30s
                queue.retry: [1s, 2s, 1h]
                resolver: 127.0.0.1:5353
                log: {level: debug, format: json}
                http.allow: ["10.0.0.0/8", "::1"]
                """)
        #expect(configuration.hostName == "mail.example.org")
        #expect(configuration.server.postmaster == "root@example.org")
        #expect(configuration.tls.minimumVersion == .tls13)
        #expect(configuration.auth.plaintext)
        #expect(configuration.smtp.maximumSize == 64 << 20)
        #expect(configuration.smtp.timeout == .seconds(90))
        #expect(configuration.queue.retry == [.seconds(1), .seconds(2), .seconds(3600)])
        #expect(configuration.resolver?.description == "127.0.0.1:5353")
        #expect(configuration.log.level == .debug)
        #expect(configuration.log.format == .json)
        #expect(configuration.http.allow.map(\.description) == ["10.0.0.0/8", "::1"])
        let listeners = configuration.listeners
        #expect(listeners.first == Listener(service: .smtp, address: "::1", port: 2525))
        #expect(listeners.contains(Listener(service: .imap, address: "192.0.2.1", port: 1430)))
        #expect(listeners.contains(Listener(service: .imaps, address: "192.0.2.1", port: 993)))
        #expect(listeners.contains(Listener(service: .http, address: "127.0.0.1", port: 80)))
        #expect(!listeners.contains { $0.service == .pop3 })
    }

    @Test func overridesWinAndTheLastOneMost() throws {
        let configuration = try ServerConfiguration.read(
            yaml: "queue.expire: 3d\nlog.level: error\n",
            overrides: [
                "queue.retry=1s,2s,4s", "queue.expire=20s", "queue.expire = 30s", "limits.loopback=true",
                "http.allow=[10.0.0.1]",
            ])
        #expect(configuration.queue.retry == [.seconds(1), .seconds(2), .seconds(4)])
        #expect(configuration.queue.expire == .seconds(30))
        #expect(configuration.limits.loopback)
        #expect(configuration.log.level == .error)
        #expect(configuration.http.allow.map(\.description) == ["10.0.0.1"])
    }

    @Test func theLongFormOfListenersStandsAlone() throws {
        let configuration = try ServerConfiguration.read(
            yaml: """
                listeners:
                  - {service: smtp, address: 192.0.2.1}
                  - service: smtp
                    address: "2001:db8::1"
                    port: 2525
                """)
        #expect(
            configuration.listeners == [
                Listener(service: .smtp, address: "192.0.2.1", port: 25),
                Listener(service: .smtp, address: "2001:db8::1", port: 2525),
            ])
        let override = try ServerConfiguration.read(overrides: ["listeners=[{service: imap, port: 0}]"])
        #expect(override.listeners == [Listener(service: .imap, address: "*", port: 0)])
        #expect(override.listeners[0].bindCandidates == ["::", "0.0.0.0"])
    }

    @Test func aBaseHoldsUntilOverridden() throws {
        var base = ServerConfiguration()
        base.listen = Listen(address: "127.0.0.1", portOffset: 10000)
        let configuration = try ServerConfiguration.read(overrides: ["listen.pop3=off"], base: base)
        #expect(configuration.listeners.map(\.port) == [10025, 10587, 10465, 10143, 10993, 10995, 10080, 10443])
        #expect(configuration.listeners.allSatisfy { $0.address == "127.0.0.1" })
    }

    @Test func pathsInTheFileAreRelativeToIt() throws {
        let yaml = "tls: {certificate: tls/cert.pem, key: /etc/key.pem}"
        let configuration = try ServerConfiguration.read(yaml: yaml, folder: "/etc/martlet/")
        #expect(configuration.tls.certificate == "/etc/martlet/tls/cert.pem")
        #expect(configuration.tls.key == "/etc/key.pem")
        let override = try ServerConfiguration.read(yaml: yaml, folder: "/etc/martlet/", overrides: ["tls.key=key.pem"])
        #expect(override.tls.key == "key.pem")
    }

    @Test func ipv6EndpointsNeedBrackets() {
        #expect(NumericEndpoint("[2001:db8::1]:53")?.description == "[2001:db8::1]:53")
        #expect(NumericEndpoint("192.0.2.1:53")?.port == 53)
        for wrong in [
            "2001:db8::1:53", "192.0.2.1", "[192.0.2.1]:53", "dns.example:53", "192.0.2.1:65536", "192.0.2.1:",
            "192.0.2.1:+5",
        ] {
            #expect(NumericEndpoint(wrong) == nil, "\(wrong)")
        }
    }
}
