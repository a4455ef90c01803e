/// Files that are in the program itself.
enum Page {
  static let openAPI = PackageResources.openapi_yaml
}
