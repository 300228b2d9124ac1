#include "api/document.h"

#include <algorithm>
#include <utility>

#include "api/revalidation.h"
#include "base/sha256.h"
#include "http/compression.h"

namespace vigie::api {
namespace {

std::string etag_of(std::string_view hash, std::string_view coding) {
  std::string etag = '"' + std::string(hash);
  if (!coding.empty()) etag.append("-").append(coding);
  return etag + '"';
}

}  // namespace

void Document::add_packed(http::Coding coding, std::string_view bytes, std::string_view hash) {
  codings_.push_back(coding);
  packed_.push_back({bytes, etag_of(hash, to_string(coding))});
}

Document::Document(std::string_view content_type, const web::File& file)
    : content_type_(content_type), plain_{file.bytes, etag_of(file.hash, {})} {
  if (!file.brotli.empty()) add_packed(http::Coding::kBrotli, file.brotli, file.hash);
  if (!file.gzip.empty()) add_packed(http::Coding::kGzip, file.gzip, file.hash);
}

Document::Document(std::string_view content_type, std::string text)
    : content_type_(content_type), text_(std::move(text)) {
  constexpr std::array<http::Coding, 3> kCodings = {http::Coding::kBrotli, http::Coding::kZstd, http::Coding::kGzip};
  const std::string hash = sha256_hex(text_);
  plain_ = {text_, etag_of(hash, {})};
  for (std::size_t i = 0; i < kCodings.size(); ++i) {
    auto packed = http::encoded(text_, kCodings[i], http::kMostLevel);
    if (!packed || packed->size() >= text_.size()) continue;
    packed_text_[i] = std::move(*packed);
    add_packed(kCodings[i], packed_text_[i], hash);
  }
}

void Document::answer(const http::Request& request, http::Response& response) const {
  const auto coding = http::best_coding(request.header_list("Accept-Encoding"), codings_);
  const Form* form = &plain_;
  if (coding) form = &packed_[static_cast<std::size_t>(std::ranges::find(codings_, *coding) - codings_.begin())];
  if (client_has(request, form->etag, response)) return;
  if (coding) response.add_header("Content-Encoding", to_string(*coding));
  response.content_type = content_type_;
  response.body = form->bytes;
}

}  // namespace vigie::api
