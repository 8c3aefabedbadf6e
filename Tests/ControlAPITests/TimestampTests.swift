import ControlAPI
import Testing
import Vocabulary

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_735_689_599_042, "2024-12-31T23:59:59.042Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
    ])
    func `a moment is written as RFC 3339 writes it`(milliseconds: UInt64, text: String) {
        #expect(WallTime(milliseconds: milliseconds).timestamp == text)
    }

    @Test func `even a clock that lies has a date`() {
        #expect(WallTime(milliseconds: .max).timestamp.hasSuffix("Z"))
    }

    @Test func `an event has all that a program or a person may ask`() throws {
        let event = ServiceEvent(
            at: WallTime(milliseconds: 951_782_400_000),
            asked: WallTime(milliseconds: 951_782_401_500),
            service: try World.name("web"),
            isWarning: true,
            reason: "AddressLost",
            message: "10.96.0.7 went to default/api.",
            count: 2
        )
        #expect(
            json(EventList([event])) == """
                {"apiVersion":"grapevine/v1","items":[{"count":2,"kind":"Service",\
                "message":"10.96.0.7 went to default/api.","name":"web","namespace":"default",\
                "reason":"AddressLost","secondsAgo":1.5,"time":"2000-02-29T00:00:00.000Z",\
                "type":"Warning"}],"kind":"EventList"}
                """
        )
    }

    @Test func `an event that seems to come has no negative age`() throws {
        let event = ServiceEvent(
            at: WallTime(milliseconds: 2000),
            asked: WallTime(milliseconds: 1000),
            service: try World.name("web"),
            isWarning: false,
            reason: "X",
            message: "x",
            count: 1
        )
        #expect(event.secondsAgo == 0)
    }

    @Test func `a receipt names who is missing, sorted`() {
        #expect(
            json(ConfirmReply(seen: 3, of: 5, seconds: 0.380_4, missing: ["d", "c"])) == """
                {"missing":["c","d"],"of":5,"seconds":0.38,"seen":3}
                """
        )
    }
}
