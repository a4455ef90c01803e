// swift-tools-version: 6.1
import PackageDescription

/// Settings every Swift target shares: the upcoming features that keep imports and existentials explicit.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target and, unless told otherwise, its fast tests.
func module(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, swiftSettings: strict),
  ]
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// The dashboard's files; DashboardFiles.swift names them too.
let dashboard = [
  "index.html", "dashboard.css", "chart.js", "client.js", "dashboard.js", "dialogs.js", "elements.js", "fleet.js",
  "format.js", "job.js", "jobs.js", "results.js", "status.js", "submit.js", "workers.js",
]

let package = Package(
  name: "SonarSweep",
  products: [.executable(name: "sonarsweep", targets: ["sonarsweep"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // System libraries. Link names stand in the module maps; no pkgConfig, whose flags SwiftPM rejects.
    .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CMsgPack", providers: [.apt(["libmsgpack-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CLAPACK", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(name: "CRename"),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(name: "CSentencePiece", linkerSettings: [.linkedLibrary("sentencepiece")]),
    .target(name: "CVectorKernels"),
  ]
    + module("TensorKernels", ["COneDNN", "CVectorKernels"])
    + module("SonarModel", ["TensorKernels", "CSentencePiece", "CRename", crypto])
    + module("SweepSpec", ["SonarModel", "TensorKernels", yams, crypto])
    + module("Messaging", ["CZeroMQ", "CMsgPack"])
    + module("FleetProtocol", ["Messaging", "SweepSpec", "SonarModel"], exclude: ["PROTOCOL.md"])
    + module("FleetSecurity", ["FleetProtocol", "Messaging", logging])
    + module("ResultStore", ["SweepSpec", "SonarModel", grdb, crypto])
    + module("Analysis", ["ResultStore", "SweepSpec", "SonarModel", "CLAPACK"])
    + module("Report", ["Analysis", "ResultStore", "SweepSpec", "SonarModel"])
    + module("Monitoring", [])
    + module("Coordinator", ["FleetProtocol", "FleetSecurity", "Messaging", "Monitoring", "SweepSpec", logging, grdb])
    + module("Worker", ["FleetProtocol", "FleetSecurity", "Messaging", "SweepSpec", "SonarModel", logging])
    + module("Aggregator", ["FleetProtocol", "FleetSecurity", "Messaging", "SweepSpec", "ResultStore", logging])
    + module(
      "FleetAPI",
      [
        "Coordinator", "FleetProtocol", "FleetSecurity", "Monitoring", "ResultStore", "SonarModel", "SweepSpec",
        hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, nioCore, nioSSL, system, subprocess, logging, crypto,
        yams,
      ],
      // In the program itself, so that it stays one file.
      resources: [.embedInCode("openapi.yaml")] + dashboard.map { .embedInCode("Dashboard/\($0)") })
    + module("FleetClient", [httpClient, nioCore, nioHTTP1, nioSSL, yams])
    + module("TerminalView", ["FleetClient"])
    + [
      .executableTarget(
        name: "sonarsweep",
        dependencies: [
          "FleetAPI", "FleetClient", "Monitoring", "TerminalView",
          "Coordinator", "Worker", "Aggregator", "Analysis", "Report", "ResultStore", "SweepSpec", "SonarModel",
          "TensorKernels", "FleetProtocol", "FleetSecurity",
          "Messaging", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: strict),
      .executableTarget(
        name: "dispatch-benchmark",
        dependencies: [
          "ResultStore", "SweepSpec", "SonarModel", "Messaging", "FleetProtocol", "FleetSecurity",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Benchmarks/DispatchBenchmark", swiftSettings: strict),
      .executableTarget(
        name: "random-model", dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: "Benchmarks/Engine", exclude: ["README.md"], swiftSettings: strict),
      .target(
        name: "FleetSimulation",
        dependencies: [
          "Coordinator", "Worker", "Aggregator", "FleetProtocol", "SweepSpec", "SonarModel", "TestSupport",
        ],
        path: "Tests/Simulation/FleetSimulation", swiftSettings: strict),
      .executableTarget(
        name: "fleet-simulation",
        dependencies: ["FleetSimulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: "Tests/Simulation/Command", swiftSettings: strict),
      .testTarget(
        name: "SimulationTests", dependencies: ["FleetSimulation"], path: "Tests/Simulation/SimulationTests",
        swiftSettings: strict),
      .testTarget(
        name: "FleetTests",
        dependencies: ["sonarsweep", "ResultStore", "SweepSpec", "SonarModel", "Messaging", "FleetProtocol"],
        path: "Tests/Fleet", swiftSettings: strict),
    ],
  cxxLanguageStandard: .cxx17
)
