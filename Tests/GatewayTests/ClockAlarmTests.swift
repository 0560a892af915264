import Gateway
import Testing

@Suite struct `The alarm of the clock` {
    /// Both clocks, of which the test steps one or the other.
    private struct Clocks {
        var alarm = ClockAlarm()
        var (wall, monotonic): (UInt64, UInt64) = (1_000_000, 5)

        mutating func look(
            after seconds: UInt64 = 5, step: Int64 = 0, isContradicted: Bool = false
        )
            -> ClockAlarm.Change?
        {
            monotonic += seconds
            wall = UInt64(Int64(wall) + Int64(seconds) + step)
            return alarm.look(wall: wall, monotonic: monotonic, isContradicted: isContradicted)
        }
    }

    @Test(arguments: [61, -61, 7_200, -900_000])
    func `is raised by a jump of more than 60 s, once`(_ step: Int64) {
        var clocks = Clocks()
        #expect(clocks.look() == nil)
        #expect(clocks.look(step: step) == .jumped(step))
        #expect(clocks.alarm.isRaised && clocks.alarm.distance == step)
        #expect(clocks.look() == nil)
        #expect(clocks.alarm.isRaised)
    }

    @Test func `is not raised by less, nor by a machine that slept`() {
        var clocks = Clocks()
        #expect(clocks.look() == nil)
        #expect(clocks.look(step: 60) == nil)
        #expect(clocks.look(step: -60) == nil)
        #expect(clocks.look(after: 86_400) == nil)
        #expect(!clocks.alarm.isRaised)
    }

    @Test func `is raised by small steps that add up`() {
        var clocks = Clocks()
        #expect(clocks.look() == nil)
        #expect(clocks.look(step: 40) == nil)
        #expect(clocks.look(step: 40) == .jumped(80))
    }

    @Test func `ends when the jump is undone`() {
        var clocks = Clocks()
        #expect(clocks.look() == nil)
        #expect(clocks.look(step: 3_600) == .jumped(3_600))
        #expect(clocks.look(step: -600) == .jumped(-600))
        #expect(clocks.alarm.distance == 3_000)
        #expect(clocks.look(step: -2_990) == .undone)
        #expect(!clocks.alarm.isRaised)
        // The measure is what it was.
        #expect(clocks.look(step: -70) == nil)
        #expect(clocks.look(step: 121) == .jumped(61))
    }

    @Test func `ends after ten even minutes, unless something contradicts the clock`() {
        var clocks = Clocks()
        #expect(clocks.look() == nil)
        #expect(clocks.look(step: -3_600) == .jumped(-3_600))
        #expect(clocks.look(after: 599) == nil)
        #expect(clocks.look(after: 1, isContradicted: true) == nil)
        #expect(clocks.look(after: 9_000, isContradicted: true) == nil)
        #expect(clocks.alarm.isRaised)
        #expect(clocks.look() == .settled)
        #expect(!clocks.alarm.isRaised && clocks.alarm.distance == nil)
        #expect(clocks.look(step: 3_600) == .jumped(3_600))
    }
}
