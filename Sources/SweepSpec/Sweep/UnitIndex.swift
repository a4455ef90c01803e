/// The name of a unit: its row-major index in the sweep.
public typealias UnitIndex = UInt64

/// A half-open range of unit indices.
public typealias UnitRange = Range<UnitIndex>
