import Foundation

/// Numbers and times for people.
public enum Words {
  /// With thousands separators: 1,234,567.
  public static func count(_ number: UInt64) -> String {
    var result = ""
    for (i, digit) in String(number).reversed().enumerated() {
      if i > 0, i % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return String(result.reversed())
  }

  /// Seconds as 1:02:03 or 2:03.
  public static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e8 else { return "years" }
    let total = Int(max(0, seconds).rounded(.up))
    let (hours, minutes) = (total / 3600, total / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, total % 60) : String(format: "%d:%02d", minutes, total % 60)
  }

  /// Units per second, with more digits where there are few.
  public static func rate(_ rate: Double) -> String {
    guard rate.isFinite, rate > 0 else { return "0" }
    return rate < 10 ? String(format: "%.1f", rate) : rate < 1e15 ? count(UInt64(rate.rounded())) : "much"
  }

  /// Of committed units: never 100% before the last one.
  public static func percent(_ fraction: Double) -> String { "\(Int(max(0, min(1, fraction)) * 100))%" }

  /// An instant in this machine's time zone, to the second.
  public static func local(_ time: Date) -> String {
    let parts = Calendar.current.dateComponents([.year, .month, .day, .hour, .minute, .second], from: time)
    return String(
      format: "%04d-%02d-%02d %02d:%02d:%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0,
      parts.minute ?? 0, parts.second ?? 0)
  }

  /// Bytes as 1.5 GiB.
  public static func bytes(_ count: UInt64) -> String {
    var (value, unit) = (Double(count), 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
    return unit == 0 || value >= 100 ? "\(Int(value)) \(units[unit])" : String(format: "%.1f %@", value, units[unit])
  }
}
