/// A whole number of any size, not negative. Not for secrets: the time it takes depends on the value.
struct Natural: Hashable {
    /// 32 bits each, least first, no zero at the end.
    private(set) var limbs: [UInt32]

    init(_ value: UInt32) {
        limbs = value == 0 ? [] : [value]
    }

    init(bigEndian bytes: [UInt8]) {
        limbs = []
        limbs.reserveCapacity(bytes.count / 4 + 1)
        var end = bytes.endIndex
        while end > 0 {
            let start = max(0, end - 4)
            limbs.append(bytes[start..<end].reduce(0) { $0 << 8 | UInt32($1) })
            end = start
        }
        trim()
    }

    var bitCount: Int {
        guard let last = limbs.last else { return 0 }
        return limbs.count * 32 - last.leadingZeroBitCount
    }

    static func < (left: Natural, right: Natural) -> Bool {
        guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
        for (one, other) in zip(left.limbs.reversed(), right.limbs.reversed()) where one != other {
            return one < other
        }
        return false
    }

    mutating func add(_ small: UInt32) {
        add(Natural(small))
    }

    mutating func add(_ other: Natural) {
        var carry: UInt64 = 0
        for index in 0..<max(limbs.count, other.limbs.count) {
            if index == limbs.count { limbs.append(0) }
            carry += UInt64(limbs[index]) + (index < other.limbs.count ? UInt64(other.limbs[index]) : 0)
            limbs[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    /// The other one must not be greater; what would be negative is 0.
    mutating func subtract(_ other: Natural) {
        guard !(self < other) else {
            limbs = []
            return
        }
        var borrow: Int64 = 0
        for index in limbs.indices {
            borrow += Int64(limbs[index]) - (index < other.limbs.count ? Int64(other.limbs[index]) : 0)
            limbs[index] = UInt32(truncatingIfNeeded: borrow)
            borrow >>= 32
        }
        trim()
    }

    func squared() -> Natural {
        var product = [UInt32](repeating: 0, count: limbs.count * 2)
        for (row, factor) in limbs.enumerated() {
            var carry: UInt64 = 0
            for (column, other) in limbs.enumerated() {
                carry += UInt64(factor) * UInt64(other) + UInt64(product[row + column])
                product[row + column] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            product[row + limbs.count] = UInt32(carry)
        }
        return Natural(trimming: product)
    }

    /// The greatest number whose square is not greater: Newton's method, from above.
    func squareRoot() -> Natural {
        guard !limbs.isEmpty else { return self }
        var root = Natural(1).shifted(left: (bitCount + 1) / 2)
        while true {
            var next = divided(by: root)
            next.add(root)
            next = next.halved()
            guard next < root else { return root }
            root = next
        }
    }

    var isSquare: Bool {
        // Squares leave one of twelve rests modulo 64: most others are gone at once.
        guard let low = limbs.first else { return true }
        guard 0x0202_0212_0203_0213 >> (UInt64(low) & 63) & 1 == 1 else { return false }
        return squareRoot().squared() == self
    }

    func shifted(left bits: Int) -> Natural {
        var shifted = [UInt32](repeating: 0, count: bits / 32)
        var carry: UInt64 = 0
        for limb in limbs {
            carry |= UInt64(limb) << UInt64(bits % 32)
            shifted.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        shifted.append(UInt32(carry))
        return Natural(trimming: shifted)
    }

    private func halved() -> Natural {
        var carry: UInt32 = 0
        var halves = limbs
        for index in limbs.indices.reversed() {
            halves[index] = limbs[index] >> 1 | carry
            carry = limbs[index] << 31
        }
        return Natural(trimming: halves)
    }

    /// Whole part of the quotient (Knuth, The Art of Computer Programming, volume 2, §4.3.1, algorithm D); 0 for
    /// division by 0.
    func divided(by divisor: Natural) -> Natural {
        guard let top = divisor.limbs.last, !(self < divisor) else { return Natural(0) }
        let shift = top.leadingZeroBitCount
        let lower = divisor.shifted(left: shift).limbs
        var upper = shifted(left: shift).limbs
        while upper.count <= limbs.count { upper.append(0) }
        let count = lower.count
        var quotient = [UInt32](repeating: 0, count: upper.count - count)
        let first = UInt64(lower[count - 1])
        let second = count > 1 ? UInt64(lower[count - 2]) : 0
        for place in stride(from: upper.count - count - 1, through: 0, by: -1) {
            let head = UInt64(upper[place + count]) << 32 | UInt64(upper[place + count - 1])
            var (guess, rest) = head.quotientAndRemainder(dividingBy: first)
            let next = place + count >= 2 ? UInt64(upper[place + count - 2]) : 0
            while guess > 0xffff_ffff || guess * second > (rest << 32 | next) {
                guess -= 1
                rest += first
                if rest > 0xffff_ffff { break }
            }
            var borrow: Int64 = 0
            var carry: UInt64 = 0
            for index in 0..<count {
                carry += guess * UInt64(lower[index])
                borrow += Int64(upper[place + index]) - Int64(carry & 0xffff_ffff)
                upper[place + index] = UInt32(truncatingIfNeeded: borrow)
                borrow >>= 32
                carry >>= 32
            }
            borrow += Int64(upper[place + count]) - Int64(carry)
            upper[place + count] = UInt32(truncatingIfNeeded: borrow)
            if borrow < 0 {
                guess -= 1
                var carry: UInt64 = 0
                for index in 0..<count {
                    carry += UInt64(upper[place + index]) + UInt64(lower[index])
                    upper[place + index] = UInt32(truncatingIfNeeded: carry)
                    carry >>= 32
                }
                upper[place + count] &+= UInt32(carry)
            }
            quotient[place] = UInt32(truncatingIfNeeded: guess)
        }
        return Natural(trimming: quotient)
    }

    private init(trimming limbs: [UInt32]) {
        self.limbs = limbs
        trim()
    }

    private mutating func trim() {
        while limbs.last == 0 { limbs.removeLast() }
    }
}
