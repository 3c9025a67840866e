"""The peer of the retail benchmark: the same 375 answers from two data frames, nothing kept.

usage: retail_pandas.py FOLDER     (billing.csv.gz, erp_gl.csv.gz); prints external_ref,kind as CSV.
Amounts are exact: unit prices are read as text and made whole thousandths, totals are rounded half to even.
"""
import sys

import numpy as np
import pandas as pd

EU = set(
    "Germany,France,EIRE,Spain,Netherlands,Belgium,Portugal,Italy,Finland,Austria,Denmark,Sweden,Greece,"
    "Cyprus,Malta,Poland,Lithuania,Czech Republic,European Community".split(",")
)


def thousandths(text: pd.Series) -> pd.Series:
    negative = text.str.startswith("-")
    parts = text.str.lstrip("-").str.partition(".")
    whole = parts[0].replace("", "0").astype("int64")
    fraction = parts[2].str.ljust(3, "0").replace("", "000").astype("int64")
    value = whole * 1000 + fraction
    return value.where(~negative, -value)


def pennies(text: pd.Series) -> pd.Series:
    return (thousandths(text.fillna("0")) // 10).astype("int64")


def half_even(milli: np.ndarray) -> np.ndarray:
    quotient, rest = np.divmod(np.abs(milli), 10)
    up = (rest > 5) | ((rest == 5) & (quotient % 2 == 1))
    return np.sign(milli) * (quotient + up)


def main(folder: str) -> None:
    lines = pd.read_csv(
        f"{folder}/billing.csv.gz",
        usecols=["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "Country"],
        dtype={"InvoiceNo": str, "UnitPrice": str, "Country": str, "InvoiceDate": str},
    )
    prices = {price: None for price in lines.UnitPrice.unique()}
    keys = pd.Series(list(prices))
    lines["milli"] = lines.Quantity * lines.UnitPrice.map(dict(zip(keys, thousandths(keys))))
    invoices = lines.groupby("InvoiceNo", sort=False).agg(
        milli=("milli", "sum"), date=("InvoiceDate", "first"), country=("Country", "first")
    )
    invoices["amount"] = half_even(invoices.milli.to_numpy())
    invoices = invoices[invoices.amount != 0]
    invoices["period"] = invoices.date.str.slice(0, 7)
    entity = {"United Kingdom": "GB01", **{country: "EU01" for country in EU}}
    invoices["entity"] = invoices.country.map(entity).fillna("RW01")

    gl = pd.read_csv(f"{folder}/erp_gl.csv.gz", dtype=str)
    gl["net"] = pennies(gl.Debit) - pennies(gl.Credit)
    gl["receivable"] = gl.net.where(gl.Account == "1100", 0)
    gl["wrong"] = ~gl.Account.isin(["1100", "4000"])
    journals = gl.groupby("Journal No", sort=False).agg(
        ref=("External Ref", "first"), entity=("Entity", "first"), period=("Period", "first"),
        net=("receivable", "sum"), wrong=("wrong", "any"),
    )
    refs = journals.groupby("ref").agg(
        count=("net", "size"), net=("net", "sum"), booked_entity=("entity", "first"),
        booked_period=("period", "first"), wrong=("wrong", "any"),
    )
    both = invoices.join(refs, how="outer")
    amount, net = both.amount, both.net
    conditions = [
        both.amount.isna(), both.net.isna(), (both["count"] > 1) & (net == amount * both["count"]),
        net == -amount, net != amount, both.wrong.eq(True), both.booked_entity != both.entity,
        both.booked_period != both.period,
    ]
    kinds = [
        "orphan_journal", "unposted", "duplicate_posting", "sign_reversed", "amount_mismatch",
        "wrong_account", "wrong_entity", "wrong_period",
    ]
    both["kind"] = np.select(conditions, kinds, default="")
    found = both[both.kind != ""].kind
    found.index.name = "external_ref"
    found.to_csv(sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
