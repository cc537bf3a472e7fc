#include "foundation/pkcs11/pkcs11_uri.h"

#include "foundation/pkcs11/cryptoki.h"

namespace pawl {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kMaxUri = 4096;

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

bool names_token(P11KitUri* uri) {
  const CK_TOKEN_INFO* token = p11_kit_uri_get_token_info(uri);
  return token != nullptr && (token->label[0] != 0 || token->serialNumber[0] != 0);
}

bool names_key(P11KitUri* uri) {
  return p11_kit_uri_get_attribute(uri, CKA_LABEL) != nullptr ||
         p11_kit_uri_get_attribute(uri, CKA_ID) != nullptr;
}

// What is wrong; empty: nothing.
std::string wrong_in(P11KitUri* uri, const Pkcs11Uri::Impl& read) {
  if (p11_kit_uri_get_pin_value(uri) != nullptr) {
    return "a PIN stands in a file that only Pawl can read; expected pin-source=file:/PATH or "
           "pin-source=credential:NAME in place of pin-value";
  }
  if (p11_kit_uri_any_unrecognized(uri) != 0) {
    return "a part of the PKCS #11 URI is not known (RFC 7512)";
  }
  if (!names_token(uri)) {
    return "the PKCS #11 URI names no token; expected token= or serial=";
  }
  if (!names_key(uri)) {
    return "the PKCS #11 URI names no key; expected object= or id=";
  }
  if (!read.module_path.starts_with('/')) {
    return "the PKCS #11 URI names no module; expected ?module-path=/PATH/MODULE.so";
  }
  if (!read.pin_source.starts_with("file:/") && !read.pin_source.starts_with("credential:")) {
    return "the PKCS #11 URI does not say where the PIN is; expected pin-source=file:/PATH or "
           "pin-source=credential:NAME";
  }
  return "";
}

}  // namespace

bool Pkcs11Uri::is_one(const std::string& text) {
  return text.starts_with(kScheme);
}

Result<Pkcs11Uri> Pkcs11Uri::parse(const std::string& text) {
  auto read = std::make_shared<Impl>();
  read->uri.reset(p11_kit_uri_new());
  if (read->uri == nullptr || !is_one(text) || text.size() > kMaxUri ||
      text.find('\0') != std::string::npos ||
      p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, read->uri.get()) != P11_KIT_URI_OK) {
    return fail(Code::kInvalidParams, "not a PKCS #11 URI (RFC 7512)");
  }
  read->shown = text.substr(0, text.find('?'));
  read->module_path = text_of(p11_kit_uri_get_module_path(read->uri.get()));
  read->pin_source = text_of(p11_kit_uri_get_pin_source(read->uri.get()));
  if (std::string wrong = wrong_in(read->uri.get(), *read); !wrong.empty()) {
    return fail(Code::kInvalidParams, std::move(wrong));
  }
  return Pkcs11Uri(std::move(read));
}

const std::string& Pkcs11Uri::shown() const {
  return impl_->shown;
}
const std::string& Pkcs11Uri::module_path() const {
  return impl_->module_path;
}
const std::string& Pkcs11Uri::pin_source() const {
  return impl_->pin_source;
}

}  // namespace pawl
