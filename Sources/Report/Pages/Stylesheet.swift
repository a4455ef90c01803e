/// The one style sheet of all pages: for a screen of any width, light or dark, and for paper.
enum Stylesheet {
  static var text: String {
    ":root{color-scheme:light dark;\(properties(\.light))}\n"
      + "@media (prefers-color-scheme:dark){:root{\(properties(\.dark))}}\n" + Palette.pageRules + page + print
  }

  private static func properties(_ colour: ((name: String, light: String, dark: String)) -> String) -> String {
    Palette.themed.map { "--\($0.name):\(colour($0))" }.joined(separator: ";")
  }

  private static let page = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;max-width:76rem;padding:1.25rem 1rem 4rem;background:var(--paper);color:var(--ink);\
    font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
    h1{font-size:1.6rem;line-height:1.2;margin:.2rem 0 .6rem}
    h2{font-size:1.25rem;margin:2.4rem 0 .4rem;padding-top:.7rem;border-top:1px solid var(--rule)}
    h3{font-size:1rem;margin:1.4rem 0 .3rem}
    p{margin:.4rem 0;max-width:46rem}
    a{color:var(--link)}
    code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.875em}
    pre{background:var(--panel);padding:.7rem .9rem;border-radius:6px;overflow-x:auto;line-height:1.45}
    nav ul{margin:.4rem 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1.2rem;margin:.6rem 0}
    dt{color:var(--muted)}
    dd{margin:0;min-width:0;overflow-wrap:anywhere}
    .scroll{overflow:auto;max-height:30rem;margin:.7rem 0}
    .scroll:focus-visible{outline:2px solid var(--link)}
    table{border-collapse:collapse;font-size:.92rem}
    caption{text-align:left;font-weight:600;padding:.2rem 0 .3rem}
    thead th{position:sticky;top:0;background:var(--paper)}
    th,td{text-align:left;vertical-align:top;padding:.28rem .8rem .28rem 0;border-bottom:1px solid var(--rule)}
    th{color:var(--muted);font-weight:600}
    thead th{vertical-align:bottom}
    td.number,th.number{text-align:right}
    td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
    td.text{min-width:13rem;max-width:34rem}
    .findings{display:flex;flex-wrap:wrap;gap:0 3rem;align-items:flex-start;margin-top:.8rem}
    .findings>*{max-width:100%;max-height:24rem;flex:0 1 auto}
    caption{max-width:min(26rem,calc(100vw - 2.5rem))}
    .findings table{min-width:18rem}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:1.2rem 2rem;\
    align-items:start;margin-top:.8rem}
    figure{margin:0;min-width:0}
    figure.wide{grid-column:1/-1}
    figure svg{display:block;width:100%;height:auto;max-width:38rem}
    figcaption{font-size:.9rem;color:var(--muted)}
    figure h3{margin:.2rem 0 .5rem}
    .note{background:var(--panel);padding:.5rem .9rem;border-radius:6px;border-left:4px solid #d55e00}
    mark{background:var(--differs);color:inherit;text-decoration:underline;text-underline-offset:2px}
    .holds{color:var(--ink);font-weight:600}
    footer{margin-top:3rem;color:var(--muted);font-size:.9rem}
    @media (max-width:30rem){dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:.4rem}h1{font-size:1.3rem}}

    """

  private static let print = """
    @media print{
    @page{margin:16mm}
    :root{color-scheme:light;\(properties(\.light))}
    body{font-size:10pt;max-width:none;padding:0}
    figure,tr,caption,pre{break-inside:avoid}
    h2,h3{break-after:avoid}
    thead{display:table-header-group}
    .figures{grid-template-columns:1fr 1fr}
    .scroll,.findings>*{overflow:visible;max-height:none}
    thead th{position:static}
    figure svg{max-height:210mm}
    figcaption{font-size:9pt}
    nav,.files{display:none}
    a{color:inherit;text-decoration:none}
    }

    """
}
