/// The dashboard's files, which are in the program itself.
enum DashboardFiles {
  static let page = PackageResources.index_html
  static let style = PackageResources.dashboard_css

  /// The modules of the page's script, which import each other by these names.
  static let scripts: [(name: String, text: [UInt8])] = [
    ("chart.js", PackageResources.chart_js),
    ("client.js", PackageResources.client_js),
    ("dashboard.js", PackageResources.dashboard_js),
    ("dialogs.js", PackageResources.dialogs_js),
    ("elements.js", PackageResources.elements_js),
    ("fleet.js", PackageResources.fleet_js),
    ("format.js", PackageResources.format_js),
    ("job.js", PackageResources.job_js),
    ("jobs.js", PackageResources.jobs_js),
    ("results.js", PackageResources.results_js),
    ("status.js", PackageResources.status_js),
    ("submit.js", PackageResources.submit_js),
    ("workers.js", PackageResources.workers_js),
  ]
}
