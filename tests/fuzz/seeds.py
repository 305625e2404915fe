"""seeds.py FOLDER: what the fuzzers begin with and what is better made than kept: workbooks, and inputs
whose first byte says how the rest is taken. FOLDER/TARGET/NAME."""
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from sheets import D, E, F, I, N, R, Xlsx, ods, ods_parts, ods_sheet, xls  # noqa: E402

folder = sys.argv[1]


def seed(target, name, data, first=None):
    os.makedirs(f"{folder}/{target}", exist_ok=True)
    data = data.encode() if isinstance(data, str) else data
    with open(f"{folder}/{target}/{name}", "wb") as f:
        f.write((bytes([first]) if first is not None else b"") + data)


# --- workbooks: 0 xlsx, 1 ods, 2 xls; the parts of sound archives: 3 sheet, 4 texts, 5 styles, 6 content
rows = [["Area", "Period", "Count"], ["AL", D("43831"), N("0.5")], [E("#N/A"), True, R(("12", "1"))],
        ["BA", F(("1+1", 2)), F(("A1", "x"))], ["ë", None, "<5"], [F(("A2", None)), N("-1E-3"), D("60.5")]]
book = Xlsx().sheet("S", rows, merges=["A1:B2", "C3:C4"], hidden_rows=[3], hidden_cols=[2])
book.sheet("Two", [[I("in"), 7]], state="hidden")
os.makedirs(f"{folder}/book", exist_ok=True)
work = f"{folder}/work"
book.save(work)
seed("book", "xlsx", open(work, "rb").read(), 0)
for name, data in book.parts():
    for k, part in ((3, "sheet0"), (4, "sharedStrings"), (5, "styles")):
        if part in name:
            seed("book", part, data, k)
            seed("book", part + "-merged", data, k + 7)  # bit 8: merged ranges are filled
sheets = [ods_sheet("S", [["A", 1, D("2020-01-31")], [E("#N/A"), True, R(("12", "1"))],
                          '<table:table-row table:number-rows-repeated="3"><table:table-cell '
                          'table:number-columns-repeated="4" office:value-type="float" office:value="7"/>'
                          "</table:table-row>"]), ods_sheet("T", [["x"]], "away")]
ods(work, *sheets)
seed("book", "ods", open(work, "rb").read(), 1)
seed("book", "content", ods_parts(sheets)[1][1], 6)
xls(work, ("S", rows[:-1], [2], [2], [(0, 1, 0, 1)], 0), ("T", [["x"]], (), (), (), 1))
seed("book", "xls", open(work, "rb").read(), 2)
os.unlink(work)

# --- delimited text: 0 long, 1 wide, 2 two header rows, 3 several tables
seed("table", "long", 'Area;Period;Count\nAL;2020.;1.234,5\n;2021.;-\n"B;A";2020Q1;7 p\nMK;2022;12p 1)\n'
     "RS;2020;x\nTotal;2020;1\n", 0)
seed("table", "wide", "Area;2020;2021;2022\nAL;1;2;3\nBA;4;5\n", 1)
seed("table", "bands", "Area;2020;;2021;\n;F;M;F;M\nAL;1;2;3;4\n", 2)
seed("table", "tables", "Report\nTable 1: AL\nDate;Count\n31.1.2024;€ 3\n1.4.2024;-4,5 €\nSource: x\n\n"
     "Table 2: BA\nDate;Count\n1.7.2024;5\nRemark: y\n", 3)
seed("tsv", "eurostat", "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \nA,NR,AL\t5 b\t: c\nA,NR,RS\t12\t0n\n")
seed("sdmxcsv", "two", "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SENDER\n"
     "dataflow,A:B(1.0),R,A,AL,2020,1.5,A,S\ndataflow,A:B(1.0),I,A,BA,2020,NaN,M,S\n")
seed("sdmxcsv", "one", "DATAFLOW;FREQ: Frequency;TIME_PERIOD;OBS_VALUE;CONF_STATUS\n"
     "A:B(1.0);A: Annual;2020-Q1;7;C\n")

# --- answers: the first byte is what is expected (0 csv, 1 tsv, 2 json, 3 xml, 4 px, 5 xlsx, 6 any)
later = ("<?xml version='1.0'?><env:Envelope xmlns:env='e'><env:Body><ns0:syncResponse xmlns:ns0='s'><queued>"
         "<id>a3f-1</id><status>SUBMITTED</status></queued></ns0:syncResponse></env:Body></env:Envelope>")
seed("answer", "later", later, 0)
seed("answer", "later.gz", gzip.compress(later.encode(), mtime=0), 1)
seed("answer", "fault", "<S:Fault xmlns:S='x'><faultcode>150</faultcode><faultstring>not found"
     "</faultstring></S:Fault>", 3)
seed("answer", "page", "<!DOCTYPE html><html><head><title>Sign  in</title></head></html>", 0)
seed("answer", "error", '{"error":[{"status":413,"label":"EXTRACTION_TOO_BIG"}]}', 2)
seed("answer", "csv", "a,b\n1,2\n", 0)
seed("answer", "variables", '{"title":"t","variables":[{"code":"Y","text":"year","values":["0","1"],'
     '"valueTexts":["2020","2021"],"time":true}]}', 2)
seed("answer", "receipt", '{"receipt":1,"source":"s","url":"https://h/","final_url":"https://h/","status":200,'
     '"etag":"\\"e\\"","last_modified":"","bytes":8,"sha256":"' + "0" * 64 + '","gzip":false}', 6)
ml = ("<m:Structure xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message' "
      "xmlns:s='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure' "
      "xmlns:c='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common'><m:Structures><s:Codelists>"
      "<s:Codelist id='CL_A' agencyID='X' version='1.0'><c:Name xml:lang='en'>A</c:Name><s:Code id='T'>"
      "<c:Name xml:lang='en'>Total</c:Name></s:Code><s:Code id='F'><c:Name xml:lang='sq'>Femra</c:Name>"
      "<s:Parent><Ref id='T'/></s:Parent></s:Code></s:Codelist></s:Codelists><s:Concepts><s:ConceptScheme "
      "id='C' agencyID='X'><s:Concept id='SEX'><c:Name xml:lang='en'>Sex</c:Name></s:Concept>"
      "</s:ConceptScheme></s:Concepts><s:DataStructures><s:DataStructure id='D' agencyID='X' version='1.0'>"
      "<c:Name xml:lang='en'>D</c:Name><s:DataStructureComponents><s:DimensionList><s:Dimension id='SEX' "
      "position='1'><s:ConceptIdentity><Ref id='SEX' maintainableParentID='C' agencyID='X'/>"
      "</s:ConceptIdentity><s:LocalRepresentation><s:Enumeration><Ref id='CL_A' agencyID='X'/>"
      "</s:Enumeration></s:LocalRepresentation></s:Dimension><s:TimeDimension id='TIME_PERIOD'/>"
      "</s:DimensionList></s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures>"
      "</m:Structure>")
seed("answer", "structure", ml, 3)
seed("structure", "ml", ml, 0)
seed("structure", "json", '{"data":{"codelists":[{"id":"CL_A","agencyID":"X","version":"1.0","names":{"en":"A"},'
     '"codes":[{"id":"T","names":{"en":"Total"}},{"id":"F","parent":"T","annotations":[{"type":"valid_from",'
     '"text":"2020"}]}]}],"dataStructures":[{"id":"D","agencyID":"X","version":"1.0",'
     '"dataStructureComponents":{"dimensionList":{"dimensions":[{"id":"SEX","localRepresentation":'
     '{"enumeration":"urn:sdmx:org.sdmx.infomodel.codelist.Codelist=X:CL_A(1.0)"}}]}}}]}}', 1)
seed("structure", "csv", "code,parent,label_en\nT,,Total\nF,T,Women\n", 2)
seed("structure", "csv-theirs", "a;b\nT;Total\n", 3)
seed("mustache", "all", "{{a}} {{{a}}} {{&a}} {{#b}}{{c}}{{^a}}-{{/a}}{{/b}}{{! note }}\n{{=<% %>=}}<% d.e.f %>"
     "<%={{ }}=%>\n{{#d}}{{#e}}{{f}}{{/e}}{{/d}}\n  {{>p}}\n{{#n}}{{/n}}{{z}}{{.}}", 0)
seed("yaml", "all", "items:\n  - {name: a, count: 1, words: [x, y]}\n  - name: 'b'\n    count: -2\n    words: z\n"
     "groups: {g: [1, 2]}\nopen: true\nseparator: tab\n")
seed("csv", "all", 'a,"b ""c""\n",d\r\n1,2,3\n')
seed("json", "all", '{"a":[1,-2.5e3,"\\u00eb",null,true,{"b":{}}]}')
seed("xml", "all", "<?xml version='1.0' encoding='ISO-8859-2'?><a xmlns:b='c'><b:d e='f&amp;'>g<![CDATA[h]]></b:d></a>")
seed("sdmx", "sealed", "STRUCTURE,STRUCTURE_ID,ACTION,A,TIME_PERIOD,OBS_VALUE\ndataflow,X:Y(1.0),R,1,2020,5\n")
seed("gz", "gz", gzip.compress(b"a,b\n" * 200, mtime=0))
seed("count", "register", "Broj predmeta;Datum prijave;Član;Lice;Status;Opis\nKu-1/24;3.1.2024.;RS_KZ_2005:246;o1;u;x\n"
     "Ku-1/24;3.1.2024.;RS_KZ_2005:246;o1;u;\n;20.2.2024.;RS_KZ_2005:203;;odbačeno;\n")
seed("num", "all", "1.234,5")
seed("period", "all", "2020-Q1")
