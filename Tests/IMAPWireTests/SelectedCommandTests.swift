import IMAPWire
import MailModel
import Testing

@Suite struct SelectedCommandTests {
    private func fetch(_ attributes: [FetchAttribute], since: UInt64? = nil) -> Command {
        .fetch(FetchCommand(messages: .single(1), isUID: false, attributes: attributes, changedSince: since))
    }

    @Test func messageSets() {
        func ranges(_ ranges: [MessageRange]) -> Command { .uidExpunge(.ranges(ranges)) }
        expectCommand("UID EXPUNGE 1", ranges([MessageRange(1)]))
        expectCommand(
            "UID EXPUNGE 2,4:7,9,12:*",
            ranges([MessageRange(2), MessageRange(4, 7), MessageRange(9), MessageRange(12, 0)]))
        expectCommand("UID EXPUNGE *:4,5:7", ranges([MessageRange(0, 4), MessageRange(5, 7)]))
        expectCommand("UID EXPUNGE 4294967295", ranges([MessageRange(4_294_967_295)]))
        expectCommand("UID EXPUNGE $", .uidExpunge(.saved))
        expectFailure("UID EXPUNGE 0", .invalidMessageSet)
        expectFailure("UID EXPUNGE 4294967296", .invalidMessageSet)
        expectFailure("UID EXPUNGE 1,", .missingArgument)
        expectFailure("UID EXPUNGE 1:x", .invalidMessageSet)
        expectFailure("UID EXPUNGE 99999999999999999999999", .invalidNumber)
    }

    @Test func fetchItems() {
        expectCommand("FETCH 1 ALL", fetch([.flags, .internalDate, .rfc822Size, .envelope]))
        expectCommand("FETCH 1 fast", fetch([.flags, .internalDate, .rfc822Size]))
        expectCommand("FETCH 1 FULL", fetch([.flags, .internalDate, .rfc822Size, .envelope, .body]))
        expectCommand("FETCH 1 BODY", fetch([.body]))
        expectCommand("FETCH 1 (UID RFC822.SIZE BODYSTRUCTURE)", fetch([.uid, .rfc822Size, .bodyStructure]))
        expectCommand("FETCH 1 (RFC822 RFC822.HEADER RFC822.TEXT)", fetch([.rfc822, .rfc822Header, .rfc822Text]))
        expectCommand(
            "UID FETCH 4:* (FLAGS)",
            .fetch(FetchCommand(messages: .ranges([MessageRange(4, 0)]), isUID: true, attributes: [.flags])))
        expectCommand("FETCH 1 (FLAGS) (CHANGEDSINCE 12345)", fetch([.flags], since: 12345))
        expectCommand("FETCH 1 (MODSEQ EMAILID PREVIEW (LAZY))", fetch([.modSequence, .emailID, .preview(lazy: true)]))
        expectFailure("FETCH 1 (FLAGS) (VANISHED)", .unknownOption)
        expectFailure("FETCH 1 ()", .missingArgument)
        expectFailure("FETCH 1 (XYZZY)", .unknownFetchAttribute)
        expectFailure("FETCH 1", .missingArgument)
    }

    @Test func fetchSections() {
        func section(_ section: Section, _ partial: Partial? = nil, peek: Bool = false) -> Command {
            fetch([.section(section, partial: partial, peek: peek)])
        }
        expectCommand("FETCH 1 BODY[]", section(.whole))
        expectCommand("FETCH 1 BODY.PEEK[]<0.2048>", section(.whole, Partial(offset: 0, count: 2048), peek: true))
        expectCommand("FETCH 1 BODY[HEADER]", section(Section(text: .header)))
        expectCommand("FETCH 1 BODY[TEXT]", section(Section(text: .text)))
        expectCommand("FETCH 1 BODY[1.2.3]", section(Section(part: [1, 2, 3])))
        expectCommand("FETCH 1 BODY[4.2.2.1.MIME]", section(Section(part: [4, 2, 2, 1], text: .mime)))
        expectCommand("FETCH 1 BODY[4.2.header]", section(Section(part: [4, 2], text: .header)))
        expectCommand(
            "FETCH 1 (BODY.PEEK[HEADER.FIELDS (DATE \"FROM\")])",
            section(Section(text: .headerFields(["DATE", "FROM"])), peek: true))
        expectCommand(
            "FETCH 1 BODY[1.HEADER.FIELDS.NOT (Received)]<5.1>",
            section(Section(part: [1], text: .headerFieldsNot(["Received"])), Partial(offset: 5, count: 1)))
        expectCommand("FETCH 1 BINARY[1]", fetch([.binary(part: [1], partial: nil, peek: false)]))
        expectCommand(
            "FETCH 1 BINARY.PEEK[2.1]<0.9>",
            fetch([.binary(part: [2, 1], partial: Partial(offset: 0, count: 9), peek: true)]))
        expectCommand("FETCH 1 BINARY.SIZE[3]", fetch([.binarySize(part: [3])]))
        expectFailure("FETCH 1 BODY[MIME]", .invalidSection)
        expectFailure("FETCH 1 BODY[1.]", .invalidSection)
        expectFailure("FETCH 1 BODY[0]", .invalidSection)
        expectFailure("FETCH 1 BODY[", .invalidSection)
        expectFailure("FETCH 1 BODY[]<0.0>", .invalidNumber)
        expectFailure("FETCH 1 BODY[HEADER.FIELDS ()]", .missingArgument)
    }

    @Test func store() {
        func store(_ action: StoreAction, _ flags: MessageFlags, silent: Bool = false, since: UInt64? = nil) -> Command
        {
            .store(
                StoreCommand(
                    messages: .ranges([MessageRange(2, 4)]), isUID: false, action: action, isSilent: silent,
                    flags: flags,
                    unchangedSince: since))
        }
        expectCommand(#"STORE 2:4 +FLAGS (\Deleted)"#, store(.add, MessageFlags(.deleted)))
        expectCommand(#"STORE 2:4 FLAGS ()"#, store(.replace, MessageFlags()))
        expectCommand(
            #"STORE 2:4 -FLAGS.SILENT \seen $Junk"#,
            store(.remove, MessageFlags(.seen, keywords: [.junk]), silent: true))
        expectCommand(#"STORE 2:4 FLAGS (\Recent)"#, store(.replace, MessageFlags()))
        expectCommand(
            #"STORE 2:4 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\Deleted)"#,
            store(.add, MessageFlags(.deleted), silent: true, since: 320_162_338))
        expectFailure(#"STORE 2:4 FLAGS (\Foo)"#, .invalidFlag)
        expectFailure(#"STORE 2:4 FLAGZ (\Seen)"#, .unknownOption)
        expectFailure(#"STORE 2:4 FLAGS"#, .missingArgument)
    }

    @Test func copyAndMove() {
        let set = MessageSet.ranges([MessageRange(2, 4)])
        let meeting = MailboxName(path: "MEETING")
        expectCommand("COPY 2:4 MEETING", .copy(CopyCommand(messages: set, isUID: false, mailbox: meeting)))
        expectCommand("UID COPY 2:4 MEETING", .copy(CopyCommand(messages: set, isUID: true, mailbox: meeting)))
        expectCommand("MOVE 2:4 MEETING", .move(CopyCommand(messages: set, isUID: false, mailbox: meeting)))
        expectCommand("UID MOVE 2:4 MEETING", .move(CopyCommand(messages: set, isUID: true, mailbox: meeting)))
        expectFailure("MOVE 2:4", .missingArgument)
    }
}
