#if os(Linux)
  import Glibc

  /// What this process takes of its machine, in the names every Prometheus client uses.
  public enum ProcessMetrics {
    /// Families that the system tells; those it does not are left out.
    public static func families() -> [MetricFamily] {
      [
        gauge("process_resident_memory_bytes", "Resident memory of the coordinator's process.", residentBytes()),
        gauge("process_start_time_seconds", "When the process started, in Unix time.", startTime),
        MetricFamily(
          "process_cpu_seconds_total", .counter, help: "User and system time the process has taken.",
          cpuSeconds().map { [.init($0)] } ?? []),
        gauge("process_open_fds", "Open file descriptors.", openDescriptors()),
        gauge("process_max_fds", "The most file descriptors the process may have open.", descriptorLimit()),
      ].filter { !$0.samples.isEmpty }
    }

    private static func gauge(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
      MetricFamily(name, .gauge, help: help, value.map { [.init($0)] } ?? [])
    }

    /// Fields of /proc/self/statm are pages; the second is what is resident.
    private static func residentBytes() -> Double? {
      fields(of: "/proc/self/statm").dropFirst().first.flatMap { Double($0) }.map {
        $0 * Double(sysconf(Int32(_SC_PAGESIZE)))
      }
    }

    /// Of proc(5): the process' start in clock ticks since boot, and when that was. Neither changes.
    private static let startTime: Double? = {
      guard let ticks = statField(22), let boot = bootTime() else { return nil }
      return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func bootTime() -> Double? {
      text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        .flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func cpuSeconds() -> Double? {
      var usage = rusage()
      guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
      return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    private static func openDescriptors() -> Double? {
      guard let directory = opendir("/proc/self/fd") else { return nil }
      defer { closedir(directory) }
      // Neither "." and ".." nor the descriptor of this directory.
      var count = -3.0
      while readdir(directory) != nil { count += 1 }
      return max(0, count)
    }

    private static func descriptorLimit() -> Double? {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
      return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    /// Field `number`, from 1, of /proc/self/stat. The second is the program's name in brackets, which may hold anything.
    private static func statField(_ number: Int) -> Double? {
      let text = text(of: "/proc/self/stat")
      guard let bracket = text.lastIndex(of: ")") else { return nil }
      let rest = text[text.index(after: bracket)...].split(separator: " ")
      return rest.dropFirst(number - 3).first.flatMap { Double($0) }
    }

    private static func fields(of path: String) -> [Substring] {
      text(of: path).split { $0 == " " || $0 == "\n" }
    }

    /// A small file of /proc; empty where there is none.
    private static func text(of path: String) -> String {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return "" }
      defer { close(descriptor) }
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
      }
    }
  }
#else
  public enum ProcessMetrics {
    /// None: only Linux tells.
    public static func families() -> [MetricFamily] { [] }
  }
#endif
