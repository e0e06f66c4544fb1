import Delivery
import Logging
import SMTPWire

extension SMTPSession {
    /// Tells client, log and metrics, each in its own words, that Delivery refused at `stage`. What cannot be mended by
    /// trying again counts towards the error limit.
    func refuse(_ refusal: DeliveryRefusal, at stage: String, about subject: String) {
        // Delivery has logged what and why; this line ties it to the session's own.
        logger.debug(
            "refused",
            metadata: [
                "stage": "\(stage)", "subject": "\(subject)", "code": "\(refusal.code)",
                "status": "\(refusal.enhanced)",
                "cause": .string(refusal.cause.isEmpty ? refusal.text : refusal.cause),
            ])
        if !refusal.isTransient { machine.failureCounted() }
        service.metrics.countRefusal(stage: stage, fault: refusal.fault.rawValue)
        reply(Reply(refusal))
    }
}

extension Reply {
    init(_ refusal: DeliveryRefusal) {
        self.init(ReplyCode(UInt16(clamping: refusal.code)), EnhancedStatus(refusal.enhanced), refusal.text)
    }
}
