import Foundation

/// A file mapped into memory, read only.
package final class MappedFile {
  package let bytes: UnsafeRawBufferPointer

  /// Throws a `TensorError` that says why the file cannot be read.
  package init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TensorError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw TensorError("\(path) cannot be read: it is no regular file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
      throw TensorError("\(path) cannot be mapped: \(String(cString: strerror(errno)))")
    }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }

  /// Lets the system take back the memory of bytes that were read; they are read again when touched.
  package func release(_ range: Range<Int>) {
    let start = range.lowerBound / MemoryAlignment.page * MemoryAlignment.page
    guard let address = bytes.baseAddress, range.upperBound > start, range.upperBound <= bytes.count else { return }
    madvise(UnsafeMutableRawPointer(mutating: address + start), range.upperBound - start, MADV_DONTNEED)
  }
}
