"""The two prompts of the product's own description, word for word."""

REPORT = (
    "Analyse paid search performance for the past 7 days. Create a report with an executive summary, a table of top "
    "campaigns by ROAS, a breakdown by market, and key recommendations. Highlight any campaigns where CPA exceeded the "
    "target."
)
CHECK = (
    "Analyse campaign performance for the past 7 days. Include impressions, clicks, spend, conversions, and ROAS by "
    "campaign. Highlight any campaigns where ROAS dropped below 2."
)
