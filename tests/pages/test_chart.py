"""Figures on a phone: plots below each other in the whole width, and below them the legend."""

from __future__ import annotations

from plotly.subplots import make_subplots

from pages.widgets.page import chart


def test_on_a_phone_plots_and_legend_stand_below_each_other() -> None:
    figure = make_subplots(1, 2, subplot_titles=["left", "right"])
    for column, name in ((1, "one"), (2, "the second one, whose name is long")):
        figure.add_scatter(x=[1], y=[column], name=name, row=1, col=column)
    figure.add_heatmap(z=[[1.0]], texttemplate="%{text}", row=1, col=1)
    figure.add_heatmap(z=[[1.0]], row=1, col=2)
    figure.update_xaxes(title="an axis whose words take more than the whole width of a phone", col=1)
    wide = figure.to_dict()["layout"]
    assert wide["xaxis"]["domain"][1] < wide["xaxis2"]["domain"][0]
    chart.stack(figure)
    layout = figure.layout
    cells = [trace.texttemplate for trace in figure.select_traces(selector={"type": "heatmap"})]
    assert cells == ["%{z:.3g}", None], "only cells with words say their figure"
    assert layout.xaxis.domain == layout.xaxis2.domain == (0, 1)
    assert layout.yaxis2.domain[1] < layout.yaxis.domain[0]
    assert [note.y for note in layout.annotations] == [layout.yaxis.domain[1], layout.yaxis2.domain[1]]
    assert layout.legend.yref == "container"
    assert layout.legend.y == 0
    assert layout.margin.b >= 2 * chart.ROW, "room for two rows of the legend"
    assert "<br>" in layout.xaxis.title.text
