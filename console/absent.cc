// The program was built without the console: one page that says so, and what to do.
#include <array>

#include "app/console/assets.h"

namespace pawl::console {
namespace {

constexpr std::array kAssets = {
    Asset{"/console/", "text/html; charset=utf-8", "absent",
          "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Pawl</title>"
          "<h1>This program was built without the console</h1>"
          "<p>Install npm, then build anew: <code>tools/build.sh pawl</code>.</p>"
          "<p>Everything works on the command line: <code>pawl status</code>, "
          "<code>pawl approvals list</code>.</p></html>\n",
          "", "", false}};

}  // namespace

std::span<const Asset> assets() {
  return kAssets;
}

}  // namespace pawl::console
