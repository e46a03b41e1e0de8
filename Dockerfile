# The app, and the scheduler and workers of a cluster for it: docs/serving.md. For a GPU: --build-arg
# TORCH_INDEX=https://pypi.org/simple
FROM python:3.11-slim
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

WORKDIR /lab
COPY requirements.txt requirements-cluster.txt ./
RUN grep '^torch' requirements.txt > torch.txt \
    && pip install --no-cache-dir -r torch.txt --index-url ${TORCH_INDEX} \
    && pip install --no-cache-dir -r requirements.txt -r requirements-cluster.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY core core
COPY pages pages
COPY checkpoints checkpoints
COPY results results
COPY talks talks
COPY docs/references.bib docs/

RUN useradd --create-home lab && mkdir /uploads && chown lab /uploads
USER lab
ENV LAB_UPLOADS=/uploads
VOLUME /uploads
EXPOSE 8501
CMD ["python", "-m", "pages", "--server.address", "0.0.0.0"]
