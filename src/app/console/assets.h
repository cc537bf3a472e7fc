// The files of the console that this program carries.
//
// Purpose:    made by the build of console/ (cmake/console.cmake, console/embed.mjs), with their
//             digests; without npm there is one page that says so (console/absent.cc).
// Threading:  constants.
// Ownership:  static; the views are good for as long as the program runs.
// Not errors: no gzip or brotli form (empty): the file does not get smaller.
// Source:     docs/operations/console.md.
#pragma once

#include <span>
#include <string_view>

namespace pawl::console {

struct Asset {
  std::string_view path;    // "/console/assets/index-abc.js"; the page itself: "/console/"
  std::string_view type;    // of its content
  std::string_view digest;  // SHA-256 of `plain`, 43 characters of base64url
  std::string_view plain, gzip, brotli;
  bool forever = false;  // the name changes with the content
};

std::span<const Asset> assets();

}  // namespace pawl::console
