#include "model/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace vigie::model {
namespace {

constexpr double kTop = 12;
constexpr double kRight = 14;

std::string coordinate(double value) { return fixed(value, 1); }

// "10⁻³" for decades, plain numbers otherwise.
std::string tick_label(double value, bool log) {
  if (!log) return short_number(value);
  const int exponent = static_cast<int>(std::lround(std::log10(value)));
  if (exponent >= 0 && exponent <= 2) return short_number(value);
  constexpr std::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) out += kDigits[digit - '0'];
  return out;
}

}  // namespace

double Scale::position(double value) const {
  const double share = log ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
}

std::vector<double> Scale::ticks(int wanted) const {
  std::vector<double> out;
  if (log) {
    const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
    const int step = std::max(1, (last - first + wanted) / wanted);
    for (int exponent = last; exponent >= first; exponent -= step) out.insert(out.begin(), std::pow(10.0, exponent));
    return out;
  }
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) return {low};
  const double rough = span / wanted;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  const double step = decade * (rough <= decade ? 1 : rough <= 2 * decade ? 2 : rough <= 5 * decade ? 5 : 10);
  // Multiples by whole numbers: adding steps up would drift to 0.30000000000000004.
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && out.size() < 50; ++i) {
    out.push_back(i * step);
  }
  return out;
}

Plot::Plot(double width, double height, Scale x, Scale y, bool bare)
    : width_(width), height_(height), x_(x), y_(y), bare_(bare) {}

double Plot::x_at(double value) const {
  const double right = bare_ ? 1 : kRight;
  return left() + x_.position(value) * (width_ - left() - right);
}

double Plot::y_at(double value) const {
  const double top = bare_ ? 1 : kTop;
  return height_ - bottom() - y_.position(value) * (height_ - bottom() - top);
}

Plot& Plot::axes(const Text& x_title, const Text& y_title) {
  const double base = y_at(y_.low), side = x_at(x_.low), top = y_at(y_.high), end = x_at(x_.high);
  for (const double tick : x_.ticks(5)) {
    const std::string at = coordinate(x_at(tick));
    body_ += fmt::format(
        "<path class=\"grid\" d=\"M{0} {1}V{2}\"/>{3}", at, coordinate(base), coordinate(top),
        in_both(tick_label(tick, x_.log), "text",
                fmt::format("class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\"", at, coordinate(base + 15))));
  }
  for (const double tick : y_.ticks(5)) {
    const std::string at = coordinate(y_at(tick));
    body_ += fmt::format("<path class=\"grid\" d=\"M{0} {1}H{2}\"/>{3}", coordinate(side), at, coordinate(end),
                         in_both(tick_label(tick, y_.log), "text",
                                 fmt::format("class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\"",
                                             coordinate(side - 6), coordinate(y_at(tick) + 3.5))));
  }
  body_ += fmt::format("<path class=\"axis\" d=\"M{} {}V{}H{}\"/>", coordinate(side), coordinate(top), coordinate(base),
                       coordinate(end));
  body_ += say(x_title, "text",
               fmt::format("class=\"title\" x=\"{}\" y=\"{}\" text-anchor=\"middle\"", coordinate((side + end) / 2),
                           coordinate(height_ - 6)));
  const std::string middle = coordinate((base + top) / 2);
  body_ += say(y_title, "text",
               fmt::format("class=\"title\" x=\"11\" y=\"{0}\" text-anchor=\"middle\" transform=\"rotate(-90 11 {0})\"",
                           middle));
  return *this;
}

Plot& Plot::line(std::span<const CurvePoint> points, std::string_view style) {
  std::string path, previous;
  for (const CurvePoint& point : points) {
    std::string at = coordinate(x_at(point.x)) + " " + coordinate(y_at(point.y));
    if (at == previous) continue;
    path += (path.empty() ? "M" : "L") + at;
    previous = std::move(at);
  }
  body_ += fmt::format("<path class=\"line {}\" d=\"{}\"/>", style, path);
  return *this;
}

Plot& Plot::ribbon(std::span<const double> x, std::span<const double> low, std::span<const double> high,
                   std::string_view style) {
  assert(x.size() == low.size() && x.size() == high.size());
  std::string path;
  const auto add = [&](std::size_t i, double y) {
    path += (path.empty() ? "M" : "L") + coordinate(x_at(x[i])) + " " + coordinate(y_at(y));
  };
  for (std::size_t i = 0; i < x.size(); ++i) add(i, high[i]);
  for (std::size_t i = x.size(); i-- > 0;) add(i, low[i]);
  body_ += fmt::format("<path class=\"{}\" d=\"{}Z\"/>", style, path);
  return *this;
}

Plot& Plot::steps(std::span<const double> edges, std::span<const double> heights, std::string_view style) {
  assert(edges.size() == heights.size() + 1);
  const std::string base = coordinate(y_at(y_.low));
  std::string path = "M" + coordinate(x_at(edges.front())) + " " + base;
  std::string previous = base;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    std::string top = coordinate(y_at(heights[i]));
    if (top != previous) path += "V" + top;
    path += "H" + coordinate(x_at(edges[i + 1]));
    previous = std::move(top);
  }
  body_ += fmt::format("<path class=\"area {}\" d=\"{}V{}Z\"/>", style, path, base);
  return *this;
}

Plot& Plot::dot(double x, double y, double radius, std::string_view style) {
  body_ += fmt::format("<circle class=\"dot {}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", style, coordinate(x_at(x)),
                       coordinate(y_at(y)), coordinate(radius));
  return *this;
}

Plot& Plot::vertical(double x, std::string_view style) {
  body_ += fmt::format("<path class=\"mark {}\" d=\"M{} {}V{}\"/>", style, coordinate(x_at(x)),
                       coordinate(y_at(y_.low)), coordinate(y_at(y_.high)));
  return *this;
}

Plot& Plot::horizontal(double y, std::string_view style) {
  body_ += fmt::format("<path class=\"mark {}\" d=\"M{} {}H{}\"/>", style, coordinate(x_at(x_.low)),
                       coordinate(y_at(y)), coordinate(x_at(x_.high)));
  return *this;
}

Plot& Plot::band(double x_low, double x_high, std::string_view style) {
  const double from = x_at(x_low), to = x_at(x_high), top = y_at(y_.high);
  body_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", style, coordinate(from),
                       coordinate(top), coordinate(std::max(to - from, 0.0)), coordinate(y_at(y_.low) - top));
  return *this;
}

Plot& Plot::label(double x, double y, const Text& words, std::string_view anchor, double dx, double dy) {
  body_ += say(words, "text",
               fmt::format("class=\"note\" x=\"{}\" y=\"{}\" text-anchor=\"{}\"", coordinate(x_at(x) + dx),
                           coordinate(y_at(y) + dy), anchor));
  return *this;
}

std::string Plot::svg(std::string_view title, std::string_view description) const {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title><desc>{}</desc>{}</svg>",
                     short_number(width_), short_number(height_), escape_html(title), escape_html(description), body_);
}

}  // namespace vigie::model
