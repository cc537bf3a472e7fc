#include "app/console/console_api.h"

#include <algorithm>
#include <string>

#include "app/api/http_answer.h"
#include "app/console/assets.h"
#include "path/plugged.h"

namespace pawl::console {
namespace {

constexpr std::string_view kOffered = "/console/offered.json", kPage = "/console/";

const Asset* find(std::string_view path) {
  const auto all = assets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Asset& one) { return one.path == path; });
  return found == all.end() ? nullptr : &*found;
}

// A page of the console has no dot in its last part; a file has one.
bool is_page(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
}

// The name stands in the field, and is not said to be of no worth ("br;q=0").
bool takes(const http::Request& request, std::string_view coding) {
  const auto field = request.headers.get("Accept-Encoding");
  std::string_view rest = field.value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(coding)) {
      const std::string_view more = one.substr(coding.size());
      return more.empty() || (more.find("q=0") == std::string_view::npos && more.front() != '-');
    }
  }
  return false;
}

void guard(http::Response& out) {
  if (plugged(ControlId::kConsoleCsp)) {
    out.headers.set("Content-Security-Policy", kPolicy);
  }
  out.headers.set("X-Content-Type-Options", "nosniff");
  out.headers.set("Referrer-Policy", "no-referrer");
}

http::Response of_asset(const http::Request& request, const Asset& asset) {
  http::Response out;
  const std::string tag = "\"" + std::string(asset.digest) + "\"";
  out.headers.set("Content-Type", asset.type);
  out.headers.set("Cache-Control",
                  asset.forever ? "public, max-age=31536000, immutable" : "no-cache");
  out.headers.set("Vary", "Accept-Encoding");
  out.headers.set("ETag", tag);
  guard(out);
  if (request.headers.get("If-None-Match").value_or("") == tag) {
    out.status = 304;
    return out;
  }
  out.status = 200;
  if (!asset.brotli.empty() && takes(request, "br")) {
    out.headers.set("Content-Encoding", "br");
    out.body = asset.brotli;
  } else if (!asset.gzip.empty() && takes(request, "gzip")) {
    out.headers.set("Content-Encoding", "gzip");
    out.body = asset.gzip;
  } else {
    out.body = asset.plain;
  }
  return out;
}

}  // namespace

http::Response answer(const http::Request& request, const Offered& offered) {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response out = text_answer(405, "text/plain", "only GET and HEAD\n");
    out.headers.set("Allow", "GET, HEAD");
    return out;
  }
  if (request.path == "/" || request.path == kPrefix) {
    http::Response out = text_answer(302, "text/plain", "");
    out.headers.set("Location", kPage);
    return out;
  }
  if (request.path == kOffered) {
    http::Response out = json_answer(200, json::Object{{"sign_in", offered.sign_in},
                                                       {"accounts", offered.accounts},
                                                       {"oidc", offered.oidc}});
    guard(out);
    return out;
  }
  const Asset* asset = find(request.path);
  if (asset == nullptr && request.path.starts_with(kPage) && is_page(request.path)) {
    asset = find(kPage);
  }
  return asset != nullptr ? of_asset(request, *asset)
                          : problem_answer({Code::kNotFound, "no such file of the console"});
}

ApiDesk desk(const Offered& offered) {
  return
      [offered](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        writer->send(answer(request, offered));
      };
}

}  // namespace pawl::console
