/// Files that are in the program itself.
enum Page {
  static let openAPI = PackageResources.openapi_yaml
  static let index = PackageResources.index_html
  static let style = PackageResources.dashboard_css
  static let script = PackageResources.dashboard_js
}
